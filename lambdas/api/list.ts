import type { Page } from '../journal/rows.ts';
import type { Cursors } from './cursor.ts';

export interface Collect<Row, Item> {
  readonly limit: number;
  readonly next: string | undefined;
  readonly cursors: Cursors;
  readonly read: (options: { limit: number; next?: string }) => Promise<Page<Row>>;
  /** The item that the caller sees of a row, if any. */
  readonly keep: (row: Row) => Promise<Item | undefined> | Item | undefined;
}

/** Reads of one request: a caller who may see few of many rows goes on with the cursor. */
const MOST_READS = 20;

/** A page of what the caller may see. */
export async function collect<Row, Item>(of: Collect<Row, Item>): Promise<{ items: Item[]; next?: string }> {
  const items: Item[] = [];
  let next = of.next === undefined ? undefined : of.cursors.open(of.next);
  for (let reads = 0; reads < MOST_READS; reads++) {
    // Never more than are still wanted: the store's cursor stands where its page ended.
    const limit = of.limit - items.length;
    const page = await of.read({ limit, ...(next === undefined ? {} : { next }) });
    const kept = await Promise.all(page.items.map(of.keep));
    items.push(...kept.filter((item) => item !== undefined));
    next = page.next;
    if (next === undefined) return { items };
    if (items.length >= of.limit) break;
  }
  return { items, ...(next === undefined ? {} : { next: of.cursors.seal(next) }) };
}
