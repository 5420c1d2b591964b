import { createRequire } from 'node:module';

export type Cedar = typeof import('@cedar-policy/cedar-wasm/nodejs');

export interface Engine {
  /**
   * Runs `use` on the current instance and passes on what it throws. A trapped instance answers nothing ever
   * after (its stack pointer is lost), so whatever throws costs the instance: the next call gets a new one.
   */
  call<T>(use: (cedar: Cedar) => T): T;
}

export const createEngine = (load: () => Cedar = loadCedar): Engine => {
  let instance: Cedar | undefined;
  return {
    call(use) {
      instance ??= load();
      try {
        return use(instance);
      } catch (error) {
        instance = undefined;
        throw error;
      }
    },
  };
};

/**
 * A new WebAssembly instance: the package makes one when it is required, so its module must leave the cache.
 * A new `require` each time, because the old one would keep every module that it ever loaded.
 */
const loadCedar = (): Cedar => {
  const require = createRequire(import.meta.filename);
  const path = require.resolve('@cedar-policy/cedar-wasm/nodejs');
  delete require.cache[path];
  return require(path);
};

/** One instance serves a whole process. */
export const sharedEngine: Engine = createEngine();
