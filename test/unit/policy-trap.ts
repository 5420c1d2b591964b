import { type Cedar, createEngine } from '../../lambdas/policy/engine.ts';

/** What WebAssembly throws; its own class has no type without the DOM's. */
export const trap = () => Object.assign(new Error('unreachable'), { name: 'RuntimeError' });

/** A real engine whose n-th authorization falls over, by default as a trap does. */
export function trappingEngine({ at, error = trap() }: { at: number; error?: unknown }) {
  let asked = 0;
  let loaded = 0;
  const real = createEngine();
  const load = (): Cedar => {
    loaded += 1;
    return real.call((cedar) => ({
      ...cedar,
      statefulIsAuthorized(call) {
        asked += 1;
        if (asked === at) throw error;
        return cedar.statefulIsAuthorized(call);
      },
    }));
  };
  return { engine: createEngine(load), loaded: () => loaded };
}
