import type { CounterRow, Taken } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';
import type { Json } from '../json.ts';
import type { Counted, Tool } from '../tools/tool.ts';

/**
 * Rolling sums by agent and payee (T31): of the 24 hours before now, not of a calendar day, which would let twice a
 * day's sum go out around midnight. A row keeps each taking by itself, so that an action takes once however often it is
 * tried, and can give back.
 */

const WINDOW_MS = 24 * 3_600_000;
/** A row may have 400 KB. */
const MOST_TAKINGS = 1_000;

/** What went to a payee before, without the action that is ruled on. */
export interface Sums {
  readonly amountDay: number;
  readonly countDay: number;
}

export const NOTHING: Sums = { amountDay: 0, countDay: 0 };

/** One action's share in one counter. */
export interface Share {
  readonly id: string;
  readonly key: string;
  readonly counted: Pick<Counted, 'amountMinor'>;
  /** Counts for good, and not for 24 hours. */
  readonly lasting?: true;
}

/** What an action counts as, or undefined where its tool does not count, or its arguments do not fit. */
export function shareOf(agent: string, tool: Tool, args: Json, key: string): Share | undefined {
  const parsed = tool.args.safeParse(args);
  if (!tool.counts || !parsed.success) return undefined;
  const counted = tool.counts(parsed.data);
  return { id: `${agent}#${counted.currency}#${counted.payee}`, key, counted };
}

/** A counter as it stands, or one that nothing was taken from yet. */
export const readCounter = async (rows: Rows, id: string): Promise<CounterRow> =>
  (await rows.get('counter', id)) ?? { kind: 'counter', id, version: 0, taken: [] };

/** What others than this action have taken, within the window where there is one. */
export function sumsOf(row: CounterRow, { key, lasting }: Omit<Share, 'counted'>, now: Date): Sums {
  const others = (lasting ? row.taken : within(row.taken, now)).filter((taking) => taking.key !== key);
  return {
    amountDay: others.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    countDay: others.reduce((sum, { count }) => sum + count, 0),
  };
}

/**
 * Takes an action's share for the try at a place, if the row is still the one that was ruled with. A share that the row
 * has already is not taken twice: who tries again after a crash finds its own.
 * @returns `over` where that try is, and was given back: whoever is late must not take once more
 */
export async function take(
  rows: Rows,
  row: CounterRow,
  { key, counted, lasting }: Omit<Share, 'id'>,
  place: number,
  now: Date,
): Promise<'taken' | 'changed' | 'over'> {
  const { amountMinor } = counted;
  const own = row.taken.find((taking) => taking.key === key);
  if (own && isBack(own) && placeOf(own) >= place) return 'over';
  if (own && !isBack(own) && own.amountMinor === amountMinor) return 'taken';
  const others = row.taken.filter((taking) => taking !== own);
  const kept = lasting ? others : within(others, now);
  const taken = [...bounded(kept), { key, at: now.toISOString(), amountMinor, count: 1, place }];
  return (await rows.putNext({ ...row, version: row.version + 1, taken })) ? 'taken' : 'changed';
}

/**
 * Gives back what an action has taken for the tries up to a place, and has nobody take for them any more; what was taken
 * for a later one stays.
 */
export async function giveBack(
  rows: Rows,
  { id, key }: Pick<Share, 'id' | 'key'>,
  place: number,
  now: Date,
): Promise<void> {
  for (;;) {
    const row = await readCounter(rows, id);
    const own = row.taken.find((taking) => taking.key === key);
    if (own && (isBack(own) ? placeOf(own) >= place : placeOf(own) > place)) return;
    const others = row.taken.filter((taking) => taking !== own);
    const back = { key, at: now.toISOString(), amountMinor: 0, count: 0, place };
    const taken = [...bounded(others), back];
    if (await rows.putNext({ ...row, version: row.version + 1, taken })) return;
  }
}

const isBack = ({ count }: Taken) => count === 0;
const placeOf = ({ place }: Taken) => place ?? 0;

const within = (taken: readonly Taken[], now: Date) =>
  taken.filter(({ at }) => Date.parse(at) > now.getTime() - WINDOW_MS);

/** Where there are too many, the oldest become one, which counts until the youngest of them would: never too little. */
function bounded(taken: readonly Taken[]): readonly Taken[] {
  const surplus = taken.length - MOST_TAKINGS + 1;
  if (surplus < 2) return taken;
  const oldest = taken.slice(0, surplus);
  const sum = {
    key: 'earlier',
    at:
      oldest
        .map(({ at }) => at)
        .sort()
        .at(-1) ?? '',
    amountMinor: oldest.reduce((all, { amountMinor }) => all + amountMinor, 0),
    count: oldest.reduce((all, { count }) => all + count, 0),
  };
  return [sum, ...taken.slice(surplus)];
}
