import { Retryable } from '../errors.ts';
import type { BudgetRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';

/**
 * How much one agent may ask of people at once on one person's behalf (T5). What is over the budget is denied, and
 * nobody else's questions have to wait behind it. Each run's share is one number, so that a step that is done twice
 * takes once.
 */

/** Questions that may wait at once, by agent and requester. */
export const MOST_OPEN = 50;

/** Rows that one request may name. */
const MOST_AT_ONCE = 100;

export interface Asking {
  readonly agent: string;
  readonly requester: string;
  readonly runId: string;
}

/** Takes room for a run's questions, as far as there is any, and gives up what it had before. @returns how many may be asked */
export async function takeRoom(
  rows: Rows,
  asking: Asking,
  wanted: number,
  most = MOST_OPEN,
): Promise<number> {
  return together(rows, budgetId(asking), { runId: asking.runId, wanted, most });
}

/** Gives up the room of runs that have ended: whoever took it for them had died, or come too late, and left it taken. */
export async function clearEnded(rows: Rows, { agent, requester }: Omit<Asking, 'runId'>): Promise<void> {
  const { open = {} } = (await rows.get('budget', budgetId({ agent, requester }))) ?? {};
  const asking = Object.keys(open).slice(0, MOST_AT_ONCE);
  const runs = await rows.getAll('run', asking);
  const going = new Set(runs.flatMap(({ id, due }) => (due === undefined ? [] : [id])));
  const ended = asking.filter((runId) => !going.has(runId));
  await Promise.all(ended.map((runId) => leaveRoom(rows, { agent, requester, runId })));
}

/** How many questions of an agent, asked for by one person, wait for people. */
export async function countOpen(rows: Rows, { agent, requester }: Omit<Asking, 'runId'>): Promise<number> {
  const row = await rows.get('budget', budgetId({ agent, requester }));
  return Object.values(row?.open ?? {}).reduce((sum, count) => sum + count, 0);
}

const budgetId = ({ agent, requester }: Omit<Asking, 'runId'>) => `${agent}#${requester}`;

interface Wish {
  readonly runId: string;
  readonly wanted: number;
  readonly most: number;
}

type Waiting = PromiseWithResolvers<number> & Wish;

/** This process's wishes that came while their row was being changed. */
const queues = new WeakMap<Rows, Map<string, Waiting[]>>();

/**
 * Wishes that come while the row is being changed are granted by its next change, all in one: each would else put the
 * row only where it is still what it has read, and most would read again and again.
 */
function together(rows: Rows, id: string, wish: Wish): Promise<number> {
  const waiting = queues.get(rows) ?? new Map<string, Waiting[]>();
  queues.set(rows, waiting);
  const own = { ...wish, ...Promise.withResolvers<number>() };
  const queue = waiting.get(id);
  if (queue) {
    queue.push(own);
  } else {
    waiting.set(id, [own]);
    void grantAll(rows, id, waiting);
  }
  return own.promise;
}

async function grantAll(rows: Rows, id: string, waiting: Map<string, Waiting[]>): Promise<void> {
  for (let now = waiting.get(id); now?.length; now = waiting.get(id)) {
    waiting.set(id, []);
    try {
      const rooms = await grant(rows, id, now);
      for (const [index, { resolve }] of now.entries()) resolve(rooms[index] ?? 0);
    } catch (error) {
      for (const { reject } of now) reject(error);
    }
  }
  waiting.delete(id);
}

/** One change of the row for all of these, in their order. */
async function grant(rows: Rows, id: string, wishes: readonly Wish[]): Promise<readonly number[]> {
  for (let round = 0; round < 100; round++) {
    const row: BudgetRow = (await rows.get('budget', id)) ?? { kind: 'budget', id, version: 0, open: {} };
    let { open } = row;
    const rooms = wishes.map(({ runId, wanted, most }) => {
      const { [runId]: own = 0, ...others } = open;
      const taken = Object.values(others).reduce((sum, count) => sum + count, 0);
      const room = Math.min(wanted, Math.max(0, most - taken));
      if (room !== own) open = room > 0 ? { ...others, [runId]: room } : others;
      return room;
    });
    if (open === row.open) return rooms;
    if (await rows.putNext({ ...row, version: row.version + 1, open })) return rooms;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
  }
  throw new Retryable('too many runs ask people at once');
}

/** Leaves the room that a run had. */
export const leaveRoom = (rows: Rows, asking: Asking): Promise<number> => takeRoom(rows, asking, 0);
