import { holdId } from '../../../lambdas/journal/keys.ts';
import type { Notice } from '../../../lambdas/notify/notify.ts';
import type { RunView } from '../../../lambdas/runs/run-schema.ts';
import { type Choice, type Decided, decideByLink } from '../approver.ts';
import type { Stack } from '../stack.ts';

export type Hands = ReturnType<typeof createHands>;
export type Hold = RunView['actions'][number]['holds'][number];

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the interface answered
  readonly json: any;
}

/** Effects as the sandbox downstream counted them. */
export interface Ledger {
  readonly effects: readonly { readonly key: string; readonly kind: string }[];
  readonly attempts: readonly unknown[];
}

const PATIENCE_MS = 30_000;

/** What people do in a demonstration: all of it over HTTP, by their links or with their tokens. */
export function createHands(options: {
  readonly stack: Stack;
  readonly body: { readonly agent: string; readonly input: string; readonly model: string };
  /** Every notice so far. */
  readonly notices: readonly Notice[];
  readonly problems: string[];
}) {
  const { stack, body, notices, problems } = options;

  const api = async (method: string, path: string, who: string, sent?: unknown): Promise<Answer> => {
    const answer = await fetch(stack.url + path, {
      method,
      headers: {
        authorization: `Bearer ${stack.core.people.tokens[who]}`,
        'content-type': 'application/json',
      },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    });
    const text = await answer.text();
    return { status: answer.status, json: text ? JSON.parse(text) : undefined };
  };
  const expect = (isSo: boolean, problem: string): void => {
    if (!isSo) problems.push(problem);
  };
  /** Looks again and again, until there is something. */
  const wait = async <T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> => {
    for (const late = Date.now() + PATIENCE_MS; ; ) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > late) throw new Error(`it never came to this: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const until = (runId: string, what: string, isSo: (run: RunView) => boolean): Promise<RunView> =>
    wait(what, async () => {
      const { json } = await api('GET', `/runs/${runId}`, 'otto');
      return isSo(json) ? (json as RunView) : undefined;
    });

  return {
    stack,
    notices,
    api,
    expect,
    until,
    /** Sam asks for what the scenario asks for. */
    async start(): Promise<string> {
      const { status, json } = await api('POST', '/runs', 'sam', body);
      if (status !== 201) throw new Error(`POST /runs: ${status} ${JSON.stringify(json)}`);
      return json.runId;
    },
    ended: (runId: string) => until(runId, 'the run has ended', ({ endedAt }) => endedAt !== undefined),
    /** Waits until these questions of a run are open, and says which. */
    async open(runId: string, count = 1): Promise<readonly Hold[]> {
      const openOf = (run: RunView) =>
        run.actions.flatMap(({ holds }) => holds.filter(({ settlement }) => settlement === null));
      return openOf(await until(runId, `${count} open questions`, (run) => openOf(run).length === count));
    },
    /** One of those who were told decides on the page behind their link. */
    async byLink(who: string, hold: string, choice: Choice): Promise<Decided> {
      const link = await wait(`${who} is asked about ${hold}`, () =>
        notices
          .filter(({ at }) => holdId(at) === hold)
          .flatMap(({ approvers }) => approvers.find(({ member }) => member.id === who) ?? [])
          .at(-1),
      );
      const decided = await decideByLink(link.link, choice);
      expect(decided.status === 200, `${who} got ${decided.status}: ${decided.heading}`);
      return decided;
    },
    /** Somebody who is signed in decides through the interface. */
    async vote(who: string, hold: string, ballot: object): Promise<Answer> {
      const { json } = await api('GET', `/holds/${hold}`, who);
      const { digest, challenge } = json;
      const voted = { digest, ...(challenge ? { challenge } : {}), ...ballot };
      return api('POST', `/holds/${hold}/votes`, who, voted);
    },
    async ledger(): Promise<Ledger> {
      return (await (await fetch(`${stack.sandboxUrl}/ledger`)).json()) as Ledger;
    },
    /** How many effects a run has had downstream. */
    async effects(runId: string): Promise<number> {
      return (await this.ledger()).effects.filter(({ key }) => key?.startsWith(`${runId}.`)).length;
    },
  };
}
