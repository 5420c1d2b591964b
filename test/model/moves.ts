import type { Body, BodyOf } from '../../lambdas/journal/records.ts';
import type { World } from './world.ts';

/** Where an action stands, by the records that were put so far; the words of I10. */
type State = 'PROPOSED' | 'HELD' | 'DECIDED' | 'AGAIN' | 'PERFORMING' | 'TOLD' | 'IN DOUBT' | 'ENDED';

/**
 * I10: what may be put in which state, and where it leads. Votes move nothing, and are looked at elsewhere.
 * What a step has begun to write may come after what another step wrote meanwhile, never after its own end.
 */
const MOVES: Readonly<Record<string, { readonly from: readonly State[]; readonly to: State }>> = {
  hold: { from: ['PROPOSED', 'DECIDED', 'AGAIN', 'IN DOUBT'], to: 'HELD' },
  settled: { from: ['HELD'], to: 'DECIDED' },
  again: { from: ['PROPOSED', 'DECIDED', 'TOLD'], to: 'AGAIN' },
  'again, in doubt': { from: ['PERFORMING', 'TOLD', 'DECIDED'], to: 'IN DOUBT' },
  intent: { from: ['PROPOSED', 'DECIDED', 'PERFORMING', 'TOLD'], to: 'PERFORMING' },
  outcome: { from: ['PERFORMING', 'TOLD'], to: 'TOLD' },
  result: { from: ['PROPOSED', 'DECIDED', 'PERFORMING', 'TOLD'], to: 'ENDED' },
};

/** What may come late: after a cancellation, or beside what was found out, asked or tried once a try's time was over. */
const LATE: Readonly<Record<string, readonly State[]>> = {
  'again, in doubt': ['ENDED'],
  hold: ['ENDED'],
  settled: ['ENDED'],
  intent: ['ENDED'],
  outcome: ['IN DOUBT', 'HELD', 'DECIDED', 'ENDED'],
  result: ['AGAIN', 'IN DOUBT', 'HELD'],
};

export function illegalMoves(world: World): string[] {
  const states = new Map<string, State>();
  const found: string[] = [];
  const overlapping = new Set<string>();
  const keys = new Set<string>();
  const deadlines = new Map<string, number>();
  const cancelled = world.log.some(({ body }) => body.kind === 'cancel');
  for (const { sk, time, body, over } of world.log) {
    if (over) found.push(`I10: ${sk} was written over`);
    const [, action] = sk.split('#');
    const kind = moveOf(body);
    const move = MOVES[kind];
    if (!sk.startsWith('act#') || action === undefined || !move) continue;
    const repeated = body.kind === 'intent' && keys.has(`${action} ${body.key}`);
    if (body.kind === 'intent') keys.add(`${action} ${body.key}`);
    // Whoever looked the call up was faster than whoever made it, and had stood still past its deadline.
    const lookedUp = kind === 'result' && time >= (deadlines.get(action) ?? Number.POSITIVE_INFINITY);
    if (kind === 'intent') deadlines.set(action, Date.parse((body as BodyOf<'intent'>).deadline));
    if (repeated || lookedUp || kind === 'again, in doubt') overlapping.add(action);

    const state = states.get(action) ?? 'PROPOSED';
    const inTurn = move.from.includes(state);
    const late = (cancelled || overlapping.has(action)) && LATE[kind]?.includes(state);
    if (!inTurn && !late) found.push(`I10: ${state} → ${kind} (${sk})`);
    // An answer that comes while people are asked about it leaves it to them.
    if (state !== 'ENDED' && (inTurn || kind !== 'outcome')) states.set(action, move.to);
  }
  return found;
}

/** A decision in the place of a try moves nothing by itself: what it decides does, when it is carried out. */
const moveOf = (body: Body): string => {
  if (body.kind === 'again') return body.why === 'in doubt' ? 'again, in doubt' : 'again';
  return body.kind === 'intent' && body.instead ? 'decided' : body.kind;
};
