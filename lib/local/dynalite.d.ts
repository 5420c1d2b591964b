/** The parts of dynalite that its HTTP listener is made of. */
declare module 'dynalite/db/index.js' {
  export type Done = (error: unknown) => void;
  /** The part of the database whose keys begin with a name. */
  export interface SubDb {
    put(key: string, value: unknown, done: Done): void;
    del(key: string, done: Done): void;
  }
  export type Write = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };
  export type Range = Readonly<Record<string, unknown>>;
  /** The Level database, with methods that dynalite calls in its own way. */
  export interface LevelDb {
    open(): Promise<void>;
    close(): Promise<void>;
    get(key: string, done: (error: unknown, value: unknown) => void): void;
    getSync(key: string): unknown;
    put(key: string, value: unknown, done: Done): void;
    del(key: string, done: Done): void;
    batch(writes: readonly Write[], done: Done): unknown;
    values(range: Range): { nextv(size: number): Promise<unknown[]>; close(): Promise<void> };
    createValueStream(range: Range): unknown;
  }
  export interface Store {
    readonly db: LevelDb;
    /** A part named `item-<table>`. */
    getItemDb(table: string): SubDb;
    /** A part named `index-<type>~<table>~<index>`. */
    getIndexDb(type: string, table: string, index: string): SubDb;
    /** Descriptions of the tables, by name. */
    readonly tableDb: { put(name: string, table: object, done: (error: unknown) => void): void };
  }
  interface Options {
    /** In memory when absent. */
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }
  const db: { create(options: Options): Store };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  import type { Store } from 'dynalite/db/index.js';

  type Types = Record<string, unknown>;
  const validations: {
    checkTypes(input: unknown, types: Types): object;
    checkValidations(input: object, types: Types, custom: unknown, store: Store): void;
  };
  export default validations;
}
