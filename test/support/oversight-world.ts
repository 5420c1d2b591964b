import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import { composeApi } from '../../lambdas/api/compose.ts';
import { tokenIdentity } from '../../lambdas/api/identity.ts';
import type { Surroundings } from '../../lambdas/environment.ts';
import { holdId } from '../../lambdas/journal/keys.ts';
import type { JsonObject } from '../../lambdas/json.ts';
import type { ModelAnswer } from '../../lambdas/model/model.ts';
import type { Notice } from '../../lambdas/notify/notify.ts';
import { onAlarm } from '../../lambdas/observe/report.ts';
import type { Member } from '../../lambdas/oversight/directory.ts';
import type { RunView } from '../../lambdas/runs/run-schema.ts';
import { startSandbox } from '../../lambdas/sandbox/start-sandbox.ts';
import { type CoreOptions, openCore } from '../../lib/local/core.ts';
import { TABLES } from '../../lib/local/layout.ts';

export interface Call {
  readonly tool: string;
  readonly args: JsonObject;
}

export type OversightWorld = Awaited<ReturnType<typeof openOversightWorld>>;

export const refundOf = (amountMinor: number, more: JsonObject = {}): Call => ({
  tool: 'issue_refund',
  args: {
    customerId: 'C-1001',
    orderId: 'O-5001',
    amountMinor,
    currency: 'EUR',
    reason: 'Sent back',
    ...more,
  },
});

/**
 * Everything but the sockets of the HTTP interface: the real functions over a folder, the API, the sandbox downstream.
 * The model proposes what the run's input says, as JSON: the calls of each turn.
 */
export async function openOversightWorld(
  options: Partial<CoreOptions> & {
    readonly around?: (around: Surroundings) => Surroundings;
    /** Who signs in, in place of the sample's people. */
    readonly people?: readonly Member[];
  } = {},
) {
  const { around: change = (same: Surroundings) => same, people, ...more } = options;
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-oversight-'));
  const sandbox = await startSandbox({ port: 0, file: join(folder, 'ledger.jsonl'), delayMs: 0 });
  const clock = { ahead: 0 };
  const notices: Notice[] = [];
  const alarms: string[] = [];
  const core = await openCore({
    data: join(folder, 'data'),
    publicUrl: 'http://127.0.0.1:1',
    sandboxUrl: sandbox.url,
    notifier: { send: async (sent) => void notices.push(...sent) },
    report: onAlarm((what) => alarms.push(what)),
    retryMs: 20,
    now: () => new Date(Date.now() + clock.ahead),
    ...more,
    env: { HOLDPOINT_MODELS: 'said', HOLDPOINT_PRICES: '{"said": {"input": 0, "output": 0}}', ...more.env },
    wrap: (around) =>
      change({
        ...around,
        createModel: () => ({
          name: 'said',
          next: async ({ turn, messages }) => {
            const input = messages[0]?.role === 'user' ? messages[0].text : '[]';
            const calls = (JSON.parse(input) as Call[][])[turn - 1] ?? [];
            const answer: ModelAnswer = { text: calls.length > 0 ? '' : 'Done.', calls, usage: NO_USAGE };
            return answer;
          },
        }),
      }),
  });
  const { dynamodb } = core.environment;
  for (const Item of SAMPLE_CUSTOMERS)
    await dynamodb.send(new PutCommand({ TableName: TABLES.customers, Item }));
  const { tokens } = people
    ? { tokens: Object.fromEntries(people.map(({ id }) => [id, `token-of-${id}-0123456789`])) }
    : core.people;
  const api = composeApi(core.environment, { identity: tokenIdentity(tokens) });

  const send = async (method: string, path: string, who: string, body?: unknown, headers: object = {}) => {
    const answer = await api.request(path, {
      method,
      headers: { authorization: `Bearer ${tokens[who]}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      json: /json(;|$)/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text,
    };
  };
  const get = (path: string, who = 'otto') => send('GET', path, who);

  /** Starts a run whose turns make these calls. */
  const start = async (turns: readonly (readonly Call[])[], who = 'sam'): Promise<string> => {
    const { status, json } = await send('POST', '/runs', who, {
      agent: 'support',
      input: JSON.stringify(turns),
    });
    if (status !== 201) throw new Error(JSON.stringify(json));
    return json.runId;
  };
  const until = async (runId: string, enough: (run: RunView) => boolean): Promise<RunView> => {
    for (const late = Date.now() + 20_000; ; ) {
      const { json: run } = await get(`/runs/${runId}`);
      if (enough(run)) return run;
      if (Date.now() > late) throw new Error(`it never came to that: ${JSON.stringify(run, null, 1)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const ended = (runId: string) => until(runId, (run) => run.endedAt !== undefined);
  const openHolds = (run: RunView) =>
    run.actions.flatMap(({ holds }) => holds.filter(({ settlement }) => settlement === null));
  /** Waits until so many questions of a run are open, and people were told of each, which is Hold's last step. */
  const held = async (runId: string, count = 1) => {
    const told = ({ holdId: id }: { readonly holdId: string }) =>
      notices.some(({ about, at }) => about === 'opened' && holdId(at) === id);
    const isHeld = (run: RunView) => openHolds(run).length === count && openHolds(run).every(told);
    return openHolds(await until(runId, isHeld));
  };
  const vote = async (holdId: string, who: string, ballot: object) => {
    const { json } = await get(`/holds/${holdId}`, who);
    const { digest, challenge } = json;
    return send('POST', `/holds/${holdId}/votes`, who, {
      digest,
      ...(challenge ? { challenge } : {}),
      ...ballot,
    });
  };
  const ledger = async (runId = '') => {
    const { effects } = (await (await fetch(`${sandbox.url}/ledger`)).json()) as {
      effects: { key: string; args: JsonObject }[];
    };
    return effects.filter(({ key }) => key.startsWith(runId));
  };

  return {
    core,
    api,
    clock,
    notices,
    alarms,
    send,
    get,
    start,
    until,
    ended,
    held,
    vote,
    ledger,
    close: async () => {
      await core.stop();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const NO_USAGE = { input: 0, output: 0 };
