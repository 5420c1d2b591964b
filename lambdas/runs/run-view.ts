import { argsOf, type Branch, branchOf, type HoldOf, openHold } from '../journal/branch.ts';
import { type Records, record } from '../journal/journal.ts';
import { failedKey, holdId, runKey } from '../journal/keys.ts';
import type { BodyOf, Stored } from '../journal/records.ts';
import { costOf } from '../model/cost.ts';
import { CLOCK_ALLOWANCE_MS } from '../perform/tries.ts';
import { standOf } from '../reconcile/run-stand.ts';
import type { ActionView, EffectView, RunView, VoteView } from './run-schema.ts';
import { evidenceOf, viewTries } from './try-view.ts';

export interface ViewOptions {
  /** Of the run's row, which alone knows that a brake holds the run. */
  readonly rowStatus?: string | undefined;
  readonly now: Date;
}

/** A run as people and programs read it: a fold over all its records, or undefined where there is no run. */
export function viewRun(records: Records, { rowStatus, now }: ViewOptions): RunView | undefined {
  const run = record(records, runKey, 'run')?.body;
  if (!run) return undefined;
  const { turns, turn } = standOf(records);
  const usages = turns.map(({ body }) => body.usage);
  const { price } = run;
  const failed = record(records, failedKey, 'failed')?.body;
  const end = turn?.body.end;
  const branches = turns.flatMap((each) => each.body.actions.map((_, i) => branchOf(each, i, records)));
  const votes = votesByHold(records);
  const open = branches.some((branch) => openHold(branch)?.opened);
  const goesOn = rowStatus === 'paused' ? 'paused' : open ? 'held' : 'running';
  const reason = failed?.why ?? end?.reason;
  const endedAt = failed?.at ?? (end && turn?.body.at);
  return {
    runId: run.runId,
    agent: run.agent,
    status: failed ? 'failed' : (end?.status ?? goesOn),
    requester: run.requester,
    model: run.model,
    input: run.input,
    startedAt: run.at,
    ...(endedAt === undefined ? {} : { endedAt }),
    // An end that a limit or a person brought is a record without a model call.
    turns: turns.length - (end && end.status !== 'finished' ? 1 : 0),
    tokens: usages.reduce((sum, usage) => sum + usage.input + usage.output, 0),
    ...(price ? { spendMicros: usages.reduce((sum, usage) => sum + costOf(usage, price), 0) } : {}),
    limits: run.limits,
    ...(end?.answer === undefined ? {} : { answer: end.answer }),
    ...(reason === undefined ? {} : { reason }),
    actions: branches.map((branch) => viewAction(run.runId, branch, votes, now)),
  };
}

type Votes = ReadonlyMap<string, readonly Stored<BodyOf<'vote'>>[]>;

/** Every vote, counted or not, by the sort key of its hold. */
function votesByHold(records: Records): Votes {
  const votes = [...records.values()].filter((r): r is Stored<BodyOf<'vote'>> => r.body.kind === 'vote');
  return Map.groupBy(votes, ({ sk }) => sk.slice(0, sk.indexOf('#vote#')));
}

function viewAction(runId: string, branch: Branch, votes: Votes, now: Date): ActionView {
  const { action, actionId } = branch;
  const args = argsOf(branch);
  const effect = viewEffect(branch, now);
  return {
    actionId,
    tool: action.tool,
    args: action.args,
    ...(args === action.args ? {} : { editedArgs: args }),
    digest: action.digest,
    ruling: action.ruling,
    holds: branch.holds.flatMap((hold) => viewHold(runId, branch, hold, votes)),
    ...(branch.tries.length > 0 ? { tries: viewTries(branch) } : {}),
    ...(effect ? { effect } : {}),
  };
}

function viewHold(runId: string, branch: Branch, hold: HoldOf, votes: Votes): ActionView['holds'] {
  const { opened, settled, number } = hold;
  const { actionId } = branch;
  const evidence = evidenceOf(branch, hold);
  if (!opened) return [];
  const { level, route, asks, tier, digest, why, at, expiresAt } = opened.body;
  return [
    {
      holdId: holdId({ runId, actionId, hold: number }),
      level,
      route,
      asks,
      tier,
      digest,
      why,
      openedAt: at,
      expiresAt,
      settlement: settled?.body.outcome ?? null,
      ...(settled ? { settledAt: settled.body.at } : {}),
      ...(settled?.body.comment === undefined ? {} : { comment: settled.body.comment }),
      ...(settled?.body.answer === undefined ? {} : { answer: settled.body.answer }),
      ...(evidence ? { evidence } : {}),
      votes: viewVotes(votes.get(opened.sk) ?? []),
    },
  ];
}

/** Votes in the order in which they were cast. */
export const viewVotes = (votes: readonly Stored<BodyOf<'vote'>>[]): VoteView[] =>
  [...votes]
    .sort((a, b) => (a.body.at < b.body.at ? -1 : a.body.at > b.body.at ? 1 : a.sk < b.sk ? -1 : 1))
    .map(({ body: { who, decision, at, digest, groups, via, args, answer, to, comment } }) => ({
      who,
      decision,
      at,
      digest,
      groups,
      via,
      ...(args === undefined ? {} : { args }),
      ...(answer === undefined ? {} : { answer }),
      ...(to === undefined ? {} : { to }),
      ...(comment === undefined ? {} : { comment }),
    }));

/** What was done; nothing, while the records show nothing. A doubt that a person has resolved is none any more. */
function viewEffect(branch: Branch, now: Date): EffectView | undefined {
  if (branch.result) {
    const { outcome, value, why, at } = branch.result.body;
    return {
      outcome,
      ...(value === undefined ? {} : { result: value }),
      ...(why === undefined ? {} : { why }),
      at,
    };
  }
  const last = branch.tries.at(-1);
  if (!last || last.outcome?.body.outcome === 'nothing happened') return undefined;
  const asked = branch.holds.findLast(
    ({ namedBy: { body } }) => body.kind === 'again' && body.try === last.number,
  );
  if (asked?.settled?.body.outcome === 'answered') return undefined;
  const cutOff = now.getTime() >= Date.parse(last.intent.body.deadline) + CLOCK_ALLOWANCE_MS;
  if (!last.outcome && !asked && !cutOff) return undefined;
  const { at } = (last.outcome ?? last.intent).body;
  return {
    outcome: 'in doubt',
    why: last.outcome?.body.detail ?? 'the attempt was cut off: no answer was recorded',
    at,
  };
}
