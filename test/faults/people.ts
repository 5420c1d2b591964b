import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { record } from '../../lambdas/journal/journal.ts';
import {
  cancelKey,
  type HoldAddress,
  holdId,
  holdKey,
  parseHoldId,
  voteKey,
} from '../../lambdas/journal/keys.ts';
import type { BodyOf } from '../../lambdas/journal/records.ts';
import type { JsonObject } from '../../lambdas/json.ts';
import { readPrices } from '../../lambdas/model/prices.ts';
import { barred } from '../../lambdas/oversight/authority.ts';
import { type Ballot, castVote } from '../../lambdas/oversight/vote.ts';
import { cancelRun } from '../../lambdas/runs/cancel-run.ts';
import { startRun } from '../../lambdas/runs/start-run.ts';
import type { Ledger } from '../../lambdas/sandbox/ledger.ts';
import type { Core } from '../../lib/local/core.ts';
import { unobserved } from './ports.ts';
import type { Scenario } from './scenarios.ts';

/** What a caller was told, in the order of telling: what must hold from then on. */
export type Ack =
  | { readonly as: 'started'; readonly at: string; readonly runId: string }
  | {
      readonly as: 'voted';
      readonly at: string;
      readonly holdId: string;
      readonly decision: Ballot['decision'];
    }
  | { readonly as: 'cancelled'; readonly at: string };

export const readAcks = (file: string): Ack[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Ack)
    : [];

export interface PeopleOptions {
  readonly core: () => Core;
  readonly scenario: Scenario;
  readonly sandboxUrl: string;
  /** Survives every crash, as a caller does. */
  readonly acks: string;
  /** After its end nothing is told any more. */
  readonly dead?: () => boolean;
}

type Truth = Awaited<ReturnType<Ledger['read']>>;

export const readLedger = async (url: string): Promise<Truth> =>
  unobserved(async () => (await fetch(`${url}/ledger`)).json() as Promise<Truth>);

/** Who asks for the run and who decides on its holds, as the scenario has it. Each does each thing once, if it is acknowledged. */
export function createPeople(options: PeopleOptions) {
  const { core, scenario, sandboxUrl, acks, dead = () => false } = options;
  const busy = new Set<string>();

  const ack = (told: Ack) => {
    if (!dead()) appendFileSync(acks, `${JSON.stringify(told)}\n`);
  };
  const deps = () => ({ ...core().environment, workflow: core().environment.workflow() });
  const at = () => deps().now().toISOString();

  /** Asks for the run; with the same key again until it is acknowledged. */
  async function start(): Promise<void> {
    const { environment } = core();
    const agent = environment.agents.find(({ name }) => name === 'support');
    if (!agent || readAcks(acks).some((told) => told.as === 'started')) return;
    const started = await startRun(
      { ...deps(), policyVersion: environment.gate().policyVersion, priceOf: readPrices() },
      { agent, input: scenario.says, model: scenario.model, requester: 'sam', idempotencyKey: 'one' },
    );
    if (started.as === 'started') ack({ as: 'started', at: at(), runId: started.runId });
  }

  async function decide(address: HoldAddress, hold: BodyOf<'hold'>): Promise<void> {
    const id = holdId(address);
    if (busy.has(id)) return;
    busy.add(id);
    try {
      const deed = scenario.deed(hold, address.hold);
      if (hold.asks !== 'doubt' && deed.do === 'nothing') return;
      if (hold.asks !== 'doubt' && deed.do === 'cancel') {
        if (readAcks(acks).some((told) => told.as === 'cancelled')) return;
        if ((await cancelRun(deps(), address.runId, 'sam')) === 'cancelled')
          ack({ as: 'cancelled', at: at() });
        return;
      }
      if (readAcks(acks).some((told) => told.as === 'voted' && told.holdId === id)) return;
      const ballot = await ballotOf(address, hold);
      const cast = await castVote(deps(), address, ballot);
      if (cast.as === 'counted') ack({ as: 'voted', at: at(), holdId: id, decision: ballot.decision });
    } finally {
      busy.delete(id);
    }
  }

  async function ballotOf(address: HoldAddress, hold: BodyOf<'hold'>): Promise<Ballot> {
    const { members } = core().people;
    const who = members.find((member) => barred(hold, member) === undefined)?.id ?? '';
    const base = { who, via: 'token' as const, digest: hold.digest };
    if (hold.asks === 'doubt') {
      const { effects } = await readLedger(sandboxUrl);
      const happened = effects.some(({ key }) => key?.startsWith(`${address.runId}.${address.actionId}.`));
      return { ...base, decision: 'answer', answer: happened ? 'it happened' : 'it did not happen' };
    }
    const deed = scenario.deed(hold, address.hold);
    if (deed.do === 'reject' || deed.do === 'escalate') return { ...base, decision: deed.do };
    if (deed.do === 'answer') return { ...base, decision: 'answer', answer: deed.answer };
    if (deed.do !== 'edit') return { ...base, decision: 'approve' };
    const row = await unobserved(() => core().environment.rows.get('hold', holdId(address)));
    return { ...base, decision: 'edit', args: { ...(row?.args as JsonObject), ...deed.change } };
  }

  /** After a crash: looks into the inbox, and does what was not acknowledged and is not recorded either. */
  async function look(): Promise<void> {
    const { journal, rows } = core().environment;
    await start();
    for (const row of await unobserved(() => rows.list('hold'))) {
      const address = parseHoldId(row.id);
      if (!address) continue;
      const read = await unobserved(() => journal.list(address.runId, 'oversight'));
      const records = new Map(read.map((stored) => [stored.sk, stored]));
      const hold = record(records, holdKey(address.actionId, address.hold), 'hold');
      const voted = core().people.members.some(({ id }) =>
        records.has(voteKey(address.actionId, address.hold, id).sk),
      );
      if (hold && !voted && !records.has(cancelKey.sk)) await decide(address, hold.body);
    }
  }

  return { start, decide, look };
}
