import { actionId, resultKey } from '../../lambdas/journal/keys.ts';
import type { BodyOf, Kind } from '../../lambdas/journal/records.ts';
import { unauthorised } from './authority.ts';
import { illegalMoves } from './moves.ts';
import type { Played } from './play.ts';
import { CAP, ROUTES } from './sample.ts';
import type { World } from './world.ts';

/** Everything that is wrong with a run that has come to rest, each by the name of its invariant. */
export function violations({ world, engine, atRest }: Played): string[] {
  const found = [
    ...effectsOnce(world),
    ...world.downstream.attempts.flatMap((attempt) => {
      const why = unauthorised(world, attempt);
      return why ? [`${why} (${attempt.key}, sent at ${attempt.sent})`] : [];
    }),
    ...approvalsEnd(world),
    ...sumsHold(world),
    ...illegalMoves(world),
  ];
  if (!world.tampered) found.push(...recordsHold(world), ...promptDoubts(world));
  if (!atRest) found.push('no run lost: it does not come to rest');
  if (engine.circles() > 0) found.push('no run lost: an execution goes in circles');
  return found;
}

const actionsOf = (world: World) => {
  const turn = world.log.find(({ body }) => body.kind === 'turn')?.body as BodyOf<'turn'> | undefined;
  return turn?.actions.map((_, i) => actionId(1, i)) ?? [];
};

const bodiesOf = (world: World, action: string, kind: Kind) =>
  world.log.filter(({ sk, body }) => body.kind === kind && sk.startsWith(`act#${action}#`));

/** I1. Unkeyed: another attempt only after what shows that the one before did nothing. */
function effectsOnce(world: World): string[] {
  const { attempts, effects } = world.downstream;
  return actionsOf(world).flatMap((action) => {
    const found: string[] = [];
    const own = effects.filter((effect) => effect.action === action);
    if (own.length > 1) found.push(`I1: ${own.length} effects of ${action}`);
    const intents = bodiesOf(world, action, 'intent').length;
    const made = attempts.filter((a) => a.action === action).length;
    if (made > intents) found.push(`I1: ${made} attempts with ${intents} intents`);
    return found;
  });
}

/** T31: what went out without an approval stays under the cap, and what is counted is what went out, or may have. */
function sumsHold(world: World): string[] {
  if (world.tampered) return [];
  const { effects, attempts } = world.downstream;
  const found: string[] = [];
  const amountOf = (action: string) => attempts.findLast((a) => a.action === action)?.args.amount ?? 0;
  const free = [...new Set(effects.map(({ action }) => action))].filter(
    (action) => bodiesOf(world, action, 'settled').length === 0,
  );
  const sum = free.reduce((all, action) => all + amountOf(action), 0);
  const capped = world.policy.now() === 'capped' && !world.policy.changed();
  if (capped && sum > CAP) found.push(`T31: ${sum} went out without an approval`);
  for (const action of actionsOf(world)) {
    const [result] = bodiesOf(world, action, 'result').map(({ body }) => body as BodyOf<'result'>);
    const own = world.taken().filter(({ key }) => key === `${world.runId}.${action}`);
    const happened = effects.some((effect) => effect.action === action);
    if (own.length > 1) found.push(`T31: ${action} is counted ${own.length} times`);
    if (happened && own[0]?.amountMinor !== amountOf(action)) {
      found.push(`T31: ${action} happened, and counts as ${own[0]?.amountMinor}`);
    }
    const undone = result?.outcome === 'not performed' || result?.outcome === 'failed';
    if (undone && own.length > 0) found.push(`T31: ${action} is ${result.outcome}, and still counts`);
  }
  return found;
}

/** I8: what was approved in time, and acknowledged, ends in something that people are told. */
function approvalsEnd(world: World): string[] {
  const found: string[] = [];
  for (const action of actionsOf(world)) {
    const results = bodiesOf(world, action, 'result').map(({ body }) => body as BodyOf<'result'>);
    const [result] = results;
    const approved = world.acks.filter(
      ({ cast, ...ack }) =>
        ack.action === action && cast.as === 'counted' && cast.settled?.body.outcome === 'approved',
    );
    if (approved.length > 0 && !result && !ended(world))
      found.push(`I8: ${action} was approved, and nothing follows`);
    const calm =
      [world.policy, world.people, world.target].every((of) => !of.changed()) &&
      !world.tampered &&
      world.scenario.endings.length === 0 &&
      !world.log.some(({ body }) => body.kind === 'cancel' || body.kind === 'again');
    const undone = result?.outcome === 'not performed' || result?.outcome === 'failed';
    if (calm && approved.length > 0 && undone) {
      found.push(`I8: ${action} was approved and not performed: ${result.outcome} ${result.why}`);
    }
    if (world.tampered || !result) continue;
    const happened = world.downstream.effects.some((effect) => effect.action === action);
    const { outcome } = result;
    if (happened && (outcome === 'not performed' || outcome === 'failed')) {
      found.push(`honesty: ${action} is said to be ${outcome} (${result.why}), and it happened`);
    }
    if (!happened && outcome === 'succeeded') found.push(`honesty: ${action} is said to have succeeded`);
  }
  found.push(...sufficientVotes(world));
  return found;
}

/** The run was ended by the reconciler because nothing moved: shown to a person, with an alarm. */
const ended = (world: World) => world.log.some(({ body }) => body.kind === 'failed');

/** I8: acknowledged approvals that make the quorum settle their hold, unless a person decided otherwise. */
function sufficientVotes(world: World): string[] {
  const counted = world.acks.filter(({ cast, decision }) => cast.as === 'counted' && decision === 'approve');
  const byHold = Map.groupBy(counted, ({ action, hold }) => `act#${action}#hold#${hold}`);
  return [...byHold].flatMap(([sk, acks]) => {
    const hold = world.log.find((put) => put.sk === sk)?.body as BodyOf<'hold'>;
    const settled = world.log.find((put) => put.sk === `${sk}#settled`)?.body as
      | BodyOf<'settled'>
      | undefined;
    const route = ROUTES[hold.route];
    const people = new Set(acks.map(({ who }) => who));
    if (!route || people.size < route.quorum || route.distinctGroups > 1) return [];
    const timely = settled?.outcome === 'expired' || settled?.comment === 'nobody had decided in time';
    return !settled || timely ? [`I8: enough people approved ${sk}, which ended as ${settled?.outcome}`] : [];
  });
}

/** I11, and that nothing is left open. */
function recordsHold(world: World): string[] {
  const { log, code, runId } = world;
  const found: string[] = [];
  const items = (['proposals', 'oversight', 'effects'] as const).flatMap((power) => world.tableOf(power));
  const row = world.rows().find(({ kind }) => kind === 'run');
  const endedAs = (['finished', 'failed', 'cancelled'] as const).find(
    (status) => row && 'status' in row && row.status === status,
  );
  const verified = code.verify(items, { runId, ...(endedAs ? { endedAs } : {}) });
  const { finding } = verified;
  if (finding && !(finding.as === 'added' && isRepetition(world, finding.key))) {
    found.push(`I11: ${finding.as} ${finding.key}: ${finding.why}`);
  }
  for (const action of actionsOf(world)) {
    const happened = world.downstream.effects.some((effect) => effect.action === action);
    const results = log.filter(({ sk }) => sk === resultKey(action).sk);
    if (happened && results.length !== 1 && !ended(world))
      found.push(`I11: ${results.length} results of ${action}`);
  }
  for (const row of world.rows()) {
    if (row.kind === 'hold') found.push(`no run lost: ${row.id} is still in the inbox`);
    else if (row.kind === 'run' && row.status === 'running')
      found.push('no run lost: the run goes on for ever');
  }
  return found;
}

/**
 * Whether an intent repeats an earlier one under its key. Where the process of that one stood still past its deadline
 * and answers after all, nothing follows from the repetition, and the audit names it: function time-outs see to it.
 */
function isRepetition({ log }: World, sk: string): boolean {
  const at = log.findIndex((put) => put.sk === sk);
  const { body } = log[at] ?? {};
  const earlier = log.slice(0, Math.max(at, 0)).map((put) => put.body);
  return (
    body?.kind === 'intent' && earlier.some((other) => other.kind === 'intent' && other.key === body.key)
  );
}

const FIVE_MINUTES_MS = 5 * 60_000;

/** How long nobody looked, since time was made to jump. */
const jumpedMs = ({ scenario }: World) =>
  scenario.lanes
    .flat()
    .reduce((sum, event) => sum + (event.what === 'advance' ? event.seconds * 1000 : 0), 0);

/** I9: an attempt without an answer is asked about soon, or has been explained. */
function promptDoubts(world: World): string[] {
  if (world.scenario.keyed || world.braked.changed()) return [];
  return actionsOf(world).flatMap((action) =>
    bodiesOf(world, action, 'intent').flatMap(({ sk, body }) => {
      const intent = body as BodyOf<'intent'>;
      if (intent.instead) return [];
      const deadline = Date.parse(intent.deadline);
      const said = world.log.filter(
        (put) =>
          put.sk.startsWith(`act#${action}#`) &&
          put.sk !== sk &&
          put.time >= Date.parse(body.at) &&
          ['intent', 'outcome', 'again', 'result'].includes(put.body.kind),
      );
      const first = Math.min(...said.map(({ time }) => time));
      const late = first > deadline + FIVE_MINUTES_MS + jumpedMs(world) && !ended(world);
      return late ? [`I9: ${sk} stayed without a word for ${(first - deadline) / 1000} s`] : [];
    }),
  );
}
