import type { Done, Store, SubDb } from 'dynalite/db/index.js';

/**
 * dynalite writes the entries of an item's indices one after the other, and the item last. Killed in between, it would
 * leave an item that no index lists, or an entry that nothing takes away any more. This store is for one operation on
 * one item, whose writes it makes as one batch: all of them or none outlive a kill.
 */
export function atomically(store: Store): Store {
  const writes: Parameters<Store['db']['batch']>[0][number][] = [];
  const collect = (prefix: string): Pick<SubDb, 'put' | 'del'> => ({
    put: (key, value, done) => {
      writes.push({ type: 'put', key: prefix + key, value });
      done(null);
    },
    del: (key, done) => {
      writes.push({ type: 'del', key: prefix + key });
      done(null);
    },
  });
  return Object.assign(Object.create(store) as Store, {
    getIndexDb: (type: string, table: string, index: string) =>
      collect(`index-${type.toLowerCase()}~${table}~${index}~`),
    getItemDb: (table: string): SubDb => {
      const items = store.getItemDb(table);
      const own = collect(`item-${table}~`);
      const write = (done: Done) => store.db.batch(writes, done);
      return Object.assign(Object.create(items) as SubDb, {
        put: (key: string, value: unknown, done: Done) => own.put(key, value, () => write(done)),
        del: (key: string, done: Done) => own.del(key, () => write(done)),
      });
    },
  });
}
