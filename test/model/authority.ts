import { digest } from '../../lambdas/journal/digest.ts';
import { holdKey, settledKey, voteKey } from '../../lambdas/journal/keys.ts';
import type { BodyOf } from '../../lambdas/journal/records.ts';
import type { AttemptSeen } from './downstream.ts';
import { AGENT, CAP, type Groups, OWNER, REQUESTER, ROUTES, says, TOOL } from './sample.ts';
import type { World } from './world.ts';

/**
 * The oracle: whether a call that reached the downstream had its authority, worked out anew from the records and from
 * what the world was while the step that made the call lasted. It shares no code with what it judges but the digest.
 */
export function unauthorised(world: World, attempt: AttemptSeen): string | undefined {
  const { action, begun, sent, args } = attempt;
  const during = <T>(of: { during: (from: number, to: number) => readonly T[] }) => of.during(begun, sent);
  if (!during(world.braked).includes(false)) return 'F31, T30: the brake was on';
  if (world.cancels.some((tick) => tick < begun)) return 'the run had been cancelled';
  const rejected = world.acks.find(
    ({ tick, cast, ...ack }) =>
      ack.action === action && ack.decision === 'reject' && cast.as === 'counted' && tick < sent,
  );
  if (rejected) return `I7: ${rejected.who} had rejected it`;

  // What went out before is judged at the end, by the sum.
  const rulings = during(world.policy).flatMap((policy) =>
    [0, CAP].map((before) => says(policy, args.amount, before)),
  );
  const own = digest({ agent: AGENT, tool: TOOL, toolVersion: 1, args });
  const approval = lastApproval(world, action, sent);
  const wanted = rulings.filter((ruling) => ruling !== 'deny');
  if (wanted.length === 0) return `I5: policy denied ${args.amount}`;
  if (wanted.includes('allow') && !approval) {
    return world.tampered || own === proposedDigest(world, action) || isEdit(world, action, args.amount)
      ? undefined
      : 'I4: other arguments than were proposed';
  }
  if (!approval) return 'I2: neither allowed nor approved';
  const { hold, number, settled } = approval;
  const target = hold.observed && during(world.target).find((v) => `v${v}` === hold.observed?.version);
  if (hold.observed && target === undefined) return 'I5, T14: the target has changed since';
  const observed = hold.observed?.version;
  const bound = digest({ agent: AGENT, tool: TOOL, toolVersion: 1, args, ...(observed ? { observed } : {}) });
  if (bound !== hold.digest || bound !== settled.digest) return 'I4: other arguments than were approved';
  if (wanted.includes('allow')) return undefined;

  const route = ROUTES[hold.route];
  if (!route) return `I5: approved on an unknown route ${hold.route}`;
  const opened = Date.parse(hold.at);
  const votes = settled.votes.filter(({ decision }) => decision === 'approve');
  for (const { who } of votes) {
    const vote = bodyAt(world, voteKey(action, number, who).sk, sent) as BodyOf<'vote'> | undefined;
    if (vote?.decision !== 'approve') return `I2: ${who} has not approved`;
    if (vote.digest !== bound) return `I4: ${who} approved something else`;
    if (Date.parse(vote.at) > opened + route.limitSeconds * 1000) return `I6: ${who} approved too late`;
    const page = world.acks.find(
      (ack) => ack.who === who && ack.action === action && ack.hold === number && ack.cast.as === 'counted',
    );
    if (page && page.shown !== bound) return `I4: ${who} was shown something else`;
  }
  if (route.fourEyes) {
    const barred = [REQUESTER, OWNER, ...editors(world, action, number)];
    const self = votes.find(({ who }) => barred.includes(who));
    if (self) return `I3: ${self.who} approved their own`;
  }
  const people = [...new Set(votes.map(({ who }) => who))];
  const entitled = (groups: Groups) =>
    suffices(
      people.map((who) => groups[who] ?? []),
      route,
    );
  if (!during(world.people).some(entitled)) return 'I2, I5: no quorum of people who may approve';
  const strictest = Math.max(...levels(world, action, number).map((name) => ROUTES[name]?.strictness ?? -1));
  if (!wanted.some((ruling) => (ROUTES[ruling]?.strictness ?? 0) <= strictest)) {
    return `I5: today it takes ${wanted.join(' or ')}`;
  }
  return undefined;
}

/** The body at a sort key, as of a tick. */
const bodyAt = (world: World, sk: string, tick: number) =>
  world.log.findLast((put) => put.sk === sk && put.tick <= tick)?.body;

function lastApproval(world: World, action: string, tick: number) {
  const holds = world.log.filter(
    ({ sk, body, tick: at }) =>
      at <= tick && body.kind === 'hold' && body.asks === 'approval' && sk.startsWith(`act#${action}#`),
  );
  const last = holds.at(-1);
  if (!last) return undefined;
  const number = Number(last.sk.split('#')[3]);
  const settled = bodyAt(world, settledKey(action, number).sk, tick);
  if (settled?.kind !== 'settled' || settled.outcome !== 'approved') return undefined;
  return { hold: last.body as BodyOf<'hold'>, number, settled };
}

/** The routes that one question has been through. */
function levels(world: World, action: string, number: number): string[] {
  const found: string[] = [];
  for (let n = number; n >= 0; n--) {
    const hold = world.log.find(({ sk }) => sk === holdKey(action, n).sk)?.body as BodyOf<'hold'>;
    found.push(hold.route);
    if (hold.level === 0) break;
  }
  return found;
}

const edits = (world: World, action: string) =>
  world.log.flatMap(({ sk, body }) =>
    body.kind === 'settled' && body.outcome === 'edited' && sk.startsWith(`act#${action}#`)
      ? [{ hold: Number(sk.split('#')[3]), body }]
      : [],
  );

const editors = (world: World, action: string, before: number) =>
  edits(world, action)
    .filter(({ hold }) => hold < before)
    .flatMap(({ body }) => body.votes.map(({ who }) => who));

const isEdit = (world: World, action: string, amount: number) =>
  edits(world, action).some(({ body }) => body.args?.amount === amount);

function proposedDigest(world: World, action: string): string | undefined {
  const turn = world.log.find(({ sk }) => sk === 'turn#0001')?.body as BodyOf<'turn'> | undefined;
  return turn?.actions[Number(action.split('.')[1])]?.digest;
}

/** Whether people can stand for so many distinct groups, by trying every way of choosing one group for each. */
function suffices(
  people: readonly (readonly string[])[],
  route: { groups: readonly string[]; quorum: number; distinctGroups: number },
): boolean {
  const standing = people.map((groups) => groups.filter((group) => route.groups.includes(group)));
  const present = standing.filter((groups) => groups.length > 0);
  if (present.length < route.quorum) return false;
  const choices = present.reduce<string[][]>(
    (all, groups) => all.flatMap((chosen) => groups.map((group) => [...chosen, group])),
    [[]],
  );
  return choices.some((chosen) => new Set(chosen).size >= route.distinctGroups);
}
