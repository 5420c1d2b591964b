import { record } from '../../lambdas/journal/journal.ts';
import {
  cancelKey,
  type HoldAddress,
  holdId,
  holdKey,
  parseHoldId,
  settledKey,
} from '../../lambdas/journal/keys.ts';
import type { BodyOf } from '../../lambdas/journal/records.ts';
import type { JsonObject } from '../../lambdas/json.ts';
import { barred } from '../../lambdas/oversight/authority.ts';
import { enough, readHold } from '../../lambdas/oversight/settle.ts';
import { type Ballot, castVote } from '../../lambdas/oversight/vote.ts';
import { cancelRun } from '../../lambdas/runs/cancel-run.ts';
import { startRun } from '../../lambdas/runs/start-run.ts';
import type { Ledger } from '../../lambdas/sandbox/ledger.ts';
import type { Core } from '../../lib/local/core.ts';
import type { Ack, Acks } from './acks.ts';
import { createHands } from './hands.ts';
import { unobserved } from './ports.ts';
import type { Deed, Scenario } from './scenario.ts';

export interface PeopleOptions {
  readonly core: () => Core;
  readonly scenario: Scenario;
  readonly sandboxUrl: string;
  readonly acks: Acks;
}

type Truth = Awaited<ReturnType<Ledger['read']>>;

export const readLedger = async (url: string): Promise<Truth> =>
  unobserved(async () => (await fetch(`${url}/ledger`)).json() as Promise<Truth>);

/** Who asks for the run and who decides on its holds, as the scenario has it. Each does each thing once, if it is acknowledged. */
export function createPeople(options: PeopleOptions) {
  const { core, scenario, sandboxUrl, acks } = options;
  const busy = new Set<string>();
  const hands = createHands({ core, acks });
  const deps = () => ({ ...core().environment, workflow: core().environment.workflow() });
  const at = () => deps().now().toISOString();
  const told = (as: Ack['as']) => acks.all().some((ack) => ack.as === as);

  /** Asks for the run; with the same key again until it is acknowledged. */
  async function start(): Promise<void> {
    const { environment } = core();
    const agent = environment.agents.find(({ name }) => name === 'support');
    if (!agent || told('started')) return;
    await scenario.before?.(hands, core());
    const price = { input: 0, output: 0 };
    const started = await startRun(
      { ...deps(), policyVersion: environment.gate().policyVersion, priceOf: () => price },
      {
        agent,
        input: scenario.says,
        model: scenario.model,
        requester: 'sam',
        idempotencyKey: 'one',
        ...(scenario.canary ? { canary: true } : {}),
      },
    );
    if (started.as === 'started') acks.add({ as: 'started', at: at(), runId: started.runId });
  }

  /** One after the other, until it is decided. */
  async function decide(address: HoldAddress, hold: BodyOf<'hold'>, voted: readonly string[] = []) {
    const id = holdId(address);
    if (busy.has(id)) return;
    busy.add(id);
    try {
      const before = acks.all().flatMap((ack) => (ack.as === 'voted' && ack.holdId === id ? [ack.who] : []));
      const may = core().people.members.filter((member) => barred(hold, member) === undefined);
      for (const { id: who } of may.filter((member) => ![...before, ...voted].includes(member.id)))
        if (await decideAs(who, address, hold)) return;
    } finally {
      busy.delete(id);
    }
  }

  /** Says whether nobody else needs to be asked now. */
  async function decideAs(who: string, address: HoldAddress, hold: BodyOf<'hold'>): Promise<boolean> {
    const deed = scenario.deed(hold, address.hold, who);
    if (hold.asks !== 'doubt' && deed.do === 'nothing') return true;
    if (hold.asks !== 'doubt' && deed.do === 'cancel') {
      if (told('cancelled')) return true;
      if ((await cancelRun(deps(), address.runId, 'sam')) === 'cancelled')
        acks.add({ as: 'cancelled', at: at() });
      return true;
    }
    const ballot = await ballotOf(who, address, hold);
    if (scenario.overHttp) return voteOverHttp(address, ballot, deed);
    const cast = await castVote(deps(), address, ballot);
    if (cast.as !== 'counted') return true;
    acks.add({ as: 'voted', at: at(), holdId: holdId(address), decision: ballot.decision, who });
    return cast.settled !== undefined;
  }

  async function voteOverHttp(address: HoldAddress, { who, via: _, ...vote }: Ballot, deed: Deed) {
    const until = new Date(deps().now().getTime() + 3_600_000).toISOString();
    const grant = deed.do === 'allow more' ? { grant: { uses: deed.uses, until } } : {};
    await hands.vote(holdId(address), who, { ...vote, ...grant });
    return vote.decision !== 'delegate';
  }

  async function ballotOf(who: string, address: HoldAddress, hold: BodyOf<'hold'>): Promise<Ballot> {
    const base = { who, via: 'token' as const, digest: hold.digest };
    if (hold.asks === 'doubt') {
      const { effects } = await readLedger(sandboxUrl);
      const happened = effects.some(({ key }) => key?.startsWith(`${address.runId}.${address.actionId}.`));
      return { ...base, decision: 'answer', answer: happened ? 'it happened' : 'it did not happen' };
    }
    const deed = scenario.deed(hold, address.hold, who);
    switch (deed.do) {
      case 'reject':
      case 'escalate':
        return { ...base, decision: deed.do };
      case 'delegate':
        return { ...base, decision: 'delegate', to: deed.to };
      case 'answer':
        return { ...base, decision: 'answer', answer: deed.answer };
      case 'edit': {
        const row = await unobserved(() => core().environment.rows.get('hold', holdId(address)));
        return { ...base, decision: 'edit', args: { ...(row?.args as JsonObject), ...deed.change } };
      }
      default:
        return { ...base, decision: 'approve' };
    }
  }

  /** After a crash: looks into the inbox, and does what was not acknowledged and is not recorded either. */
  async function look(): Promise<void> {
    const { journal, rows } = core().environment;
    if (!scenario.givesUp) await start();
    await hands.insist();
    for (const row of await unobserved(() => rows.list('hold'))) {
      const address = parseHoldId(row.id);
      if (!address) continue;
      const records = await unobserved(() => readHold(journal, address));
      const hold = record(records, holdKey(address.actionId, address.hold), 'hold');
      const votes = [...records.values()].flatMap(({ body }) =>
        body.kind === 'vote' && body.decision !== 'delegate' ? [{ body }] : [],
      );
      const settled = records.has(settledKey(address.actionId, address.hold).sk);
      const decided = settled || records.has(cancelKey.sk) || (hold && enough(votes, hold.body));
      const others = votes.some(({ body }) => body.decision !== 'approve');
      if (hold && !decided && !others)
        await decide(
          address,
          hold.body,
          votes.map(({ body }) => body.who),
        );
    }
  }

  /** What people do who do not wait to be asked. */
  const lookAside = async (leaps: number): Promise<void> => {
    const [row] = await unobserved(() => core().environment.rows.list('run'));
    if (row) await scenario.beside?.(hands, row, leaps);
  };

  return { start, decide, look, lookAside, hands };
}
