import { NothingHappened, Retryable, Terminal } from '../errors.ts';
import { argsOf, type Branch, headsOf, openHold, readBranches } from '../journal/branch.ts';
import { type Journal, record } from '../journal/journal.ts';
import { againKey, cancelKey, parseActionId, resultKey, runKey } from '../journal/keys.ts';
import type { BodyOf, LookedUp, Stored } from '../journal/records.ts';
import type { Rows } from '../journal/rows.ts';
import type { JsonObject } from '../json.ts';
import type { Report } from '../observe/report.ts';
import { brakeOn } from '../oversight/brakes.ts';
import { type StepDeps, stepOf } from '../steps.ts';
import type { ReadBack, Tool } from '../tools/tool.ts';
import { timeoutMs } from '../tools/tool-box.ts';
import type { PositionAtStep } from '../workflow.ts';
import { type AttemptDeps, attempt, processOf } from './attempt.ts';
import type { CheckDeps, Verdict } from './checks.ts';
import { decide, type Instead } from './decide.ts';
import { outcomeOf } from './settled-outcome.ts';
import { detailOf, storable } from './storable.ts';
import { checkAndTake, giveBackShare } from './taking.ts';
import { doubtAsked, doubtEnded, MOST_TRIES, type Standing, standing } from './tries.ts';

export interface PerformDeps extends StepDeps, CheckDeps, AttemptDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  /** The one tool that this function performs. */
  readonly tool: string;
  /** Whether the process that wrote an intent is certainly gone. */
  readonly isGone: (processId: string) => boolean;
  readonly doubtRoute: string;
  readonly report: Report;
  readonly now: () => Date;
}

/** Questions of one action that changed circumstances may open, before it is given up. */
const MOST_AGAIN = 3;

type Result = Omit<BodyOf<'result'>, 'v' | 'at' | 'after' | 'kind'>;

/**
 * Performs one action, or says why not, or has it asked again: every settlement comes here, since this is the one
 * place that knows what may follow. Doing it again after a crash never makes a second attempt that the tool's replay
 * class does not allow.
 * @throws Retryable where the same step is to be tried again later
 */
export async function perform(deps: PerformDeps, input: PositionAtStep): Promise<PositionAtStep> {
  const { runId, step } = input;
  const { turn, index } = parseActionId(step.actionId);
  // Of before they were read: an attempt of which nothing was there yet may have told since.
  const now = deps.now();
  const read = await readBranches(deps.journal, runId, turn, [index], [runKey, cancelKey]);
  const run = record(read.records, runKey, 'run')?.body;
  const [branch] = read.branches;
  if (!run || !branch) throw new Terminal(`there is no action ${step.actionId} of run ${runId}`);
  if (branch.action.tool !== deps.tool) throw new Terminal(`this function performs ${deps.tool} only`);
  const { tool } = deps.tools.find(run.agent, branch.action.tool);
  const cancel = record(read.records, cancelKey, 'cancel');

  const next = async (): Promise<PositionAtStep> => {
    const { branches } = await readBranches(deps.journal, runId, turn, [index]);
    return { ...input, step: stepOf(deps, branches[0] ?? branch, cancel !== undefined, step.function) };
  };
  const end = async (result: Result, ...after: (Stored | undefined)[]): Promise<PositionAtStep> => {
    // First: nobody comes to an action any more that has its result.
    if (isNothing(result)) await giveBackShare(deps, run, branch, tool, branch.places + 1);
    await deps.journal.put(runId, resultKey(step.actionId), { kind: 'result', ...result }, [
      ...headsOf(branch),
      ...after,
    ]);
    return { ...input, step: { ...step, next: 'done' } };
  };

  /** Writes what follows from a decision; doing it again changes nothing. */
  const carryOut = async (decided: Stored<BodyOf<'intent'>>, place: number): Promise<PositionAtStep> => {
    const instead = decided.body.instead;
    if (instead?.kind === 'result')
      return end({ outcome: instead.outcome, why: instead.why }, decided, cancel);
    if (instead?.why !== 'in doubt') await giveBackShare(deps, run, branch, tool, place);
    if (instead) {
      const key = againKey(step.actionId, branch.holds.length);
      await deps.journal.put(runId, key, instead, [...headsOf(branch), decided]);
    }
    return next();
  };
  const instead = async (what: Instead) =>
    carryOut(await decide(deps, runId, branch, what), branch.places + 1);
  const ways: Ways = { next, end, instead };

  if (branch.result || branch.action.ruling.decision === 'deny') {
    const where = { runId, actionId: step.actionId };
    if (branch.result) deps.report('duplicate suppressed', where, { DuplicatesSuppressed: 1 });
    return { ...input, step: { ...step, next: 'done' } };
  }
  if (branch.decided) return carryOut(branch.decided, branch.places);
  const stands = standing(branch, tool, {
    now,
    isGone: (owner) => deps.isGone(processOf(owner)),
  });
  if (stands.as === 'running') throw new Retryable(`an attempt may be running until ${stands.until}`);
  // In the place of a try: another attempt may have read no answer yet, and be about to repeat the call.
  if (stands.as === 'refused') return instead({ kind: 'result', outcome: 'failed', why: stands.detail });
  if (stands.as === 'said') {
    return stands.answer === 'it happened'
      ? end({ outcome: 'succeeded', value: { notice: `${stands.who} found that it had happened` } })
      : end({ outcome: 'left in doubt', why: `left in doubt by ${stands.who}` });
  }
  if (stands.as === 'unknown') {
    const happened = await readBack(deps, tool, run, branch, stands);
    if (happened?.happened === true)
      return end({ outcome: 'succeeded', value: storable(happened.result) as never });
    if (cancel)
      return end({ outcome: 'left in doubt', why: 'the run was cancelled while it was in doubt' }, cancel);
    const no = happened?.happened === false && !doubtAsked(branch, stands.number);
    // Not there yet is no "did not happen": a call that was given up, or whose caller died, may still land (F15, F16).
    if (no && stands.until) throw new Retryable(`the last call may still land until ${stands.until}`);
    if (no && stands.refused !== undefined)
      return instead({ kind: 'result', outcome: 'failed', why: stands.refused });
    const absent = no && branch.tries.length < MOST_TRIES;
    if (!stands.repeatable && !absent) return doubt(deps, branch, { ...stands, happened }, ways);
  } else {
    // In the place of a try even where a hold is open: another attempt may have read its approval, and not the cancel.
    if (cancel) return instead({ kind: 'result', outcome: 'not performed', why: 'the run was cancelled' });
    if (openHold(branch)) return { ...input, step: stepOf(deps, branch, false, step.function) };
    const settled = outcomeOf(branch);
    if (settled) return end(settled);
  }

  if (await brakeOn(deps.rows, { runId, agent: run.agent, tool: tool.name })) {
    // Nothing is recorded: Plan sees the brake and ends the execution, and the run goes on once it is lifted.
    return { ...input, step: { ...step, next: 'done' } };
  }
  const verdict = await checkAndTake(deps, run, branch, tool);
  // What has been tried without an answer is in doubt first of all: a refusal now would hide it, and with other
  // arguments it would be another call (F19).
  const sent = branch.tries.at(-1)?.intent.body.digest;
  if (stands.as === 'unknown' && (verdict.as !== 'go' || verdict.digest !== sent)) {
    return doubt(deps, branch, stands, ways);
  }
  if (verdict.as === 'no' && verdict.alarm) {
    const where = { runId, actionId: step.actionId, detail: verdict.why };
    deps.report('refused right before the effect', where, { Suspicious: 1 });
  }
  if (verdict.as !== 'go') return instead(refusal(branch, verdict));
  if (tool.replay === 'safe') return end(await readSafely(deps, tool, run, branch, verdict.args));

  const key = `${runId}.${step.actionId}.${verdict.digest.slice(0, 16)}`;
  const call = { runId, actionId: step.actionId, key };
  const told = await attempt(deps, {
    call,
    tool,
    args: verdict.args,
    digest: verdict.digest,
    number: branch.places + 1,
    follows: headsOf(branch),
  });
  if (told.told === 'done') return { ...input, step: { ...step, next: 'done' } };
  // With back-off, by the definition's Retry: the fold over the records says which try is next, if any.
  throw new Retryable(told.told === 'nothing' ? 'nothing happened yet' : `outcome unknown: ${told.detail}`);
}

/** It is certain that nothing has happened, and that nothing will. */
const isNothing = ({ outcome }: Pick<Result, 'outcome'>) =>
  outcome === 'not performed' || outcome === 'failed';

interface Ways {
  readonly next: () => Promise<PositionAtStep>;
  readonly end: (result: Result) => Promise<PositionAtStep>;
  readonly instead: (what: Instead) => Promise<PositionAtStep>;
}

/** Not performed, or people are asked once more, with what has changed; three times at most. */
function refusal({ holds }: Branch, verdict: Exclude<Verdict, { as: 'go' }>): Instead {
  const no = (why: string): Instead => ({ kind: 'result', outcome: 'not performed', why });
  if (verdict.as === 'no') return no(verdict.why);
  const { why, detail, ruling } = verdict;
  const asked = holds.filter(({ namedBy: { body } }) => body.kind === 'again' && body.why !== 'in doubt');
  if (asked.length >= MOST_AGAIN) return no(`asked ${MOST_AGAIN} times anew, and still: ${detail}`);
  return { kind: 'again', why, detail, asks: 'approval', route: ruling.route, tier: ruling.tier };
}

/** Nobody knows whether it happened: a person is asked, once for each try; without an answer it stays in doubt. */
async function doubt(
  deps: PerformDeps,
  branch: Branch,
  of: Extract<Standing, { as: 'unknown' }> & { readonly happened?: ReadBack | undefined },
  { next, end, instead }: Ways,
): Promise<PositionAtStep> {
  const { number, detail, happened } = of;
  const { action } = branch;
  if (openHold(branch)) return next();
  if (doubtEnded(branch, number))
    return end({ outcome: 'left in doubt', why: 'nobody said whether it happened' });
  const tier = action.ruling.tier;
  return instead({
    kind: 'again',
    why: 'in doubt',
    detail,
    asks: 'doubt',
    route: deps.doubtRoute,
    tier,
    try: number,
    ...(happened ? { lookedUp: lookedUp(happened) } : {}),
  });
}

/** A *yes* leaves no doubt. */
const lookedUp = (of: ReadBack): LookedUp => ({
  said: of.happened === false ? 'did not happen' : 'unknown',
  ...('why' in of && of.why !== undefined ? { why: detailOf(of.why) } : {}),
});

/** Asks the downstream itself whether the last try happened, where its tool can. */
async function readBack(
  deps: PerformDeps,
  tool: Tool,
  run: BodyOf<'run'>,
  branch: Branch,
  { number, repeatable }: Extract<Standing, { as: 'unknown' }>,
): Promise<ReadBack | undefined> {
  const args = tool.args.safeParse(argsOf(branch));
  if (repeatable || !tool.readBack || !args.success) return undefined;
  const key = branch.tries.find((each) => each.number === number)?.intent.body.key ?? '';
  const call = { runId: run.runId, actionId: branch.actionId, key };
  try {
    return await tool.readBack(args.data, deps.tools.context(call, AbortSignal.timeout(timeoutMs(tool))));
  } catch (error) {
    return { happened: 'unknown', why: `no answer: ${detailOf(error)}` };
  }
}

/** A read needs no intent: it is repeated here a few times, and a failure is the model's to hear. */
async function readSafely(
  deps: PerformDeps,
  tool: Tool,
  run: BodyOf<'run'>,
  branch: Branch,
  args: JsonObject,
): Promise<Result> {
  const call = { runId: run.runId, actionId: branch.actionId };
  for (let round = 0; ; round++) {
    try {
      const value = await tool.perform(args, deps.tools.context(call, AbortSignal.timeout(timeoutMs(tool))));
      return { outcome: 'succeeded', value: storable(value) as never };
    } catch (error) {
      const final =
        round === 2 || error instanceof Terminal || (error instanceof NothingHappened && !error.again);
      if (final) return { outcome: 'failed', why: detailOf(error) };
      await new Promise((resolve) => setTimeout(resolve, 100 * 4 ** round * (0.5 + Math.random())));
    }
  }
}
