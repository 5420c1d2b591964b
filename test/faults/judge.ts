import { type Branch, branchOf } from '../../lambdas/journal/branch.ts';
import { digest } from '../../lambdas/journal/digest.ts';
import { decode, type Item, type Records, record } from '../../lambdas/journal/journal.ts';
import { failedKey, holdKey, runKey, settledKey, turnKey, voteKey } from '../../lambdas/journal/keys.ts';
import type { CounterRow, GrantRow, HoldRow, RunRow } from '../../lambdas/journal/row-kinds.ts';
import { verify } from '../../lambdas/journal/verify.ts';
import type { Json } from '../../lambdas/json.ts';
import { enough } from '../../lambdas/oversight/settle.ts';
import type { Attempt, Effect } from '../../lambdas/sandbox/ledger.ts';
import type { Ack } from './acks.ts';
import { takings } from './takings.ts';

/** What is left of one run when everything is quiet: records, rows, what callers were told, and the downstream's own ledger. */
export interface Evidence {
  readonly runId: string;
  readonly items: readonly Item[];
  readonly row: RunRow | undefined;
  readonly holds: readonly HoldRow[];
  /** What was taken of sums and grants. @default not looked at */
  readonly counters?: readonly CounterRow[];
  readonly grants?: readonly GrantRow[];
  readonly acks: readonly Ack[];
  readonly effects: readonly Effect[];
  readonly attempts: readonly Attempt[];
  readonly expected?: { readonly status: string; readonly effects: number };
  /** The run's clock at a moment of the downstream's: tests move the run's own. @default the same */
  readonly clock?: (at: string) => string;
}

/** Each list names what is wrong; an empty one is what was promised. */
export interface Judgement {
  readonly outcome: string;
  readonly duplicates: readonly string[];
  readonly lost: readonly string[];
  readonly unauthorised: readonly string[];
  /** How often people were asked whether something had happened. */
  readonly inDoubt: number;
}

/** A judgement without anything wrong in it. */
export const CLEAN = { duplicates: [], lost: [], unauthorised: [] };

const TOOLS: Readonly<Record<Effect['kind'], string>> = {
  refund: 'issue_refund',
  mail: 'send_email',
  delete: 'delete_record',
  wire: 'send_wire',
};

/** Judges a run by the downstream's ledger, not by what the run says of itself: I1–I4, I6–I8, I11. */
export function judge(evidence: Evidence): Judgement {
  const { runId, items, acks } = evidence;
  const own = <E extends Attempt>(entries: readonly E[]) =>
    entries.filter(({ key }) => key?.startsWith(`${runId}.`));
  const effects = own(evidence.effects);
  if (items.length === 0) {
    const missed = acks.some(({ as }) => as === 'started') || effects.length > 0;
    const lost = [
      ...(missed ? ['there is no record of the run'] : []),
      ...(evidence.row ? ['it never began, and its row is there'] : []),
    ];
    return { outcome: 'never began', duplicates: [], lost, unauthorised: [], inDoubt: 0 };
  }
  const records: Records = new Map(items.map((item) => [item.sk, decode(item)]));
  const branches = branchesOf(records);
  const inDoubt = branches
    .flatMap(({ holds }) => holds)
    .filter((hold) => hold.asks === 'doubt' && hold.opened).length;

  const taken = takings(evidence, records, branches, effects);
  const repeated = branches.flatMap(({ actionId, tries }) => {
    const of = (entries: readonly Attempt[]) =>
      entries.filter(({ key }) => key?.startsWith(`${runId}.${actionId}.`)).length;
    const [count, calls] = [of(effects), of(evidence.attempts)];
    return [
      ...(count > 1 ? [`${actionId} happened ${count} times`] : []),
      ...(calls > tries.length ? [`${actionId} was called ${calls} times in ${tries.length} tries`] : []),
    ];
  });
  const duplicates = [...repeated, ...taken.twice];
  const withoutRight = effects.flatMap((effect) => {
    const why = unauthorisedBecause(evidence, records, branches, effect);
    return why === undefined ? [] : [`${effect.kind} ${effect.id}: ${why}`];
  });
  const unauthorised = [...withoutRight, ...taken.missing];
  const lost = [
    ...unfinished(evidence, records),
    ...wrongCount(evidence, effects, branches),
    ...branches.flatMap((branch) => contradictions(branch, evidence, effects)),
    ...acks.flatMap((ack) => broken(ack, records, branches)),
    ...taken.leaked,
  ];
  const ended = evidence.row?.status ?? 'without a row';
  const outcome = `${ended}, ${effects.length} effects${inDoubt > 0 ? `, ${inDoubt} in doubt` : ''}`;
  return { outcome, duplicates, lost, unauthorised, inDoubt };
}

function branchesOf(records: Records): Branch[] {
  const turns = [...records.values()].flatMap(({ body }) => (body.kind === 'turn' ? [body.turn] : []));
  return turns
    .sort((a, b) => a - b)
    .flatMap((n) => {
      const turn = record(records, turnKey(n), 'turn');
      return turn ? turn.body.actions.map((_, index) => branchOf(turn, index, records)) : [];
    });
}

/** I2, I3, I4, I6, I7: by whose word did this happen, and was it given before? */
function unauthorisedBecause(
  evidence: Evidence,
  records: Records,
  branches: readonly Branch[],
  effect: Effect,
): string | undefined {
  const at = evidence.clock?.(effect.at) ?? effect.at;
  const branch = branches.find(({ actionId }) => effect.key?.startsWith(`${evidence.runId}.${actionId}.`));
  const run = record(records, runKey, 'run')?.body;
  if (!branch || !run) return 'no action has its key';
  const { action } = branch;
  if (action.tool !== TOOLS[effect.kind]) return `its action is ${action.tool}`;
  const ofEffect = {
    agent: run.agent,
    tool: action.tool,
    toolVersion: action.toolVersion,
    args: effect.args as Json,
  };
  const sent = digest(ofEffect);
  if (!branch.tries.some(({ intent: { body } }) => body.digest === sent && body.at <= at))
    return 'no intent before it';
  const first = (as: Ack['as']) => evidence.acks.find((ack) => ack.as === as)?.at ?? '9';
  if (first('cancelled') < at) return 'the run had been cancelled';
  if (first('braked') < at && at < first('lifting')) return 'a brake was on';
  if (run.canary) return 'the run is a test';

  const approvals = branch.holds.filter(({ asks }) => asks === 'approval');
  if (approvals.length === 0) {
    if (action.ruling.decision !== 'allow') return `ruled ${action.ruling.decision}`;
    return action.ruling.grant && first('revoked') < at ? 'its grant had been revoked' : undefined;
  }
  const hold = approvals.at(-1);
  const [opened, settled] = [hold?.opened?.body, hold?.settled?.body];
  if (!hold || !opened || settled?.outcome !== 'approved') return 'its last hold is not approved';
  if (settled.at > at) return 'approved only afterwards';
  const shown = opened.observed ? { ...ofEffect, observed: opened.observed.version } : ofEffect;
  if (digest(shown) !== opened.digest) return 'its arguments are not those that were shown';
  const votes = settled.votes.flatMap(({ who }) => {
    const vote = record(records, voteKey(branch.actionId, hold.number, who), 'vote')?.body;
    const counts =
      vote?.decision === 'approve' && vote.digest === opened.digest && vote.at <= opened.expiresAt;
    return vote && counts && !opened.excluded.includes(who) ? [{ body: vote }] : [];
  });
  return enough(votes, opened) ? undefined : 'its votes do not make the quorum';
}

/** The run ended, says so in its row, waits for nobody, and its records verify (I11). */
function unfinished(evidence: Evidence, records: Records): string[] {
  const { runId, items, row, holds, expected } = evidence;
  const turns = [...records.values()].flatMap(({ body }) => (body.kind === 'turn' ? [body] : []));
  const end = records.has(failedKey.sk) ? 'failed' : turns.find((turn) => turn.end)?.end?.status;
  if (end === undefined) return ['the run has not ended'];
  const verified = verify(items, { runId, endedAs: end });
  return [
    ...(row?.status === end && row.due === undefined ? [] : [`its row says ${row?.status}, due ${row?.due}`]),
    ...holds.map(({ id }) => `${id} is still in the inbox`),
    ...(verified.ok ? [] : [`the records do not verify: ${JSON.stringify(verified.finding)}`]),
    ...(expected && expected.status !== end ? [`it ended as ${end}, not as ${expected.status}`] : []),
  ];
}

/** Of what was to happen, all of it and no more; unless somebody left it in doubt. */
function wrongCount(
  { expected }: Evidence,
  effects: readonly Effect[],
  branches: readonly Branch[],
): string[] {
  const left = branches.some(({ result }) => result?.body.outcome === 'left in doubt');
  if (!expected || left || effects.length === expected.effects) return [];
  return [`${effects.length} effects of ${expected.effects}`];
}

/** What the journal says of an action, against what the downstream did. */
function contradictions(branch: Branch, evidence: Evidence, effects: readonly Effect[]): string[] {
  const { actionId, action, result } = branch;
  const isEffect = Object.values(TOOLS).includes(action.tool);
  if (!isEffect || action.ruling.decision === 'deny') return [];
  const happened = effects.some(({ key }) => key?.startsWith(`${evidence.runId}.${actionId}.`));
  const says = result?.body.outcome ?? 'nothing';
  if (says === 'left in doubt' || (says === 'succeeded') === happened) return [];
  return [`${actionId} ${happened ? 'happened' : 'did not happen'}, and its result says ${says}`];
}

/** I7, I8: what was acknowledged is what counted. */
function broken(ack: Ack, records: Records, branches: readonly Branch[]): string[] {
  if (ack.as === 'started') return record(records, runKey, 'run') ? [] : ['acknowledged, and not there'];
  if (ack.as === 'cancelled') return records.has('cancel') ? [] : ['cancelled, and not recorded'];
  if (ack.as !== 'voted') return [];
  const [, turn = '', index = '', number = ''] = ack.holdId.split('.');
  const actionId = `${turn}.${index}`;
  const settled = record(records, settledKey(actionId, Number(number)), 'settled')?.body;
  const hold = record(records, holdKey(actionId, Number(number)), 'hold');
  const branch = branches.find((candidate) => candidate.actionId === actionId);
  if (!hold || !branch) return [`${ack.holdId}: voted on, and not there`];
  if (ack.decision === 'reject' && settled?.outcome !== 'rejected')
    return [`${ack.holdId}: a rejection was lost`];
  const ended = branch.result !== undefined;
  return ended ? [] : [`${ack.holdId}: ${ack.decision} was acknowledged, and nothing came of it`];
}
