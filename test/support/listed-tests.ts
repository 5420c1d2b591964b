import { setTimeout as sleep } from 'node:timers/promises';

export interface ListedTest<World> {
  readonly name: string;
  readonly run: (world: World) => Promise<void>;
  /** Why it cannot be run in this world, where it cannot. */
  readonly skip?: (world: World) => string | undefined;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Runs tests, one by one in an order that they may rely on or some at once, prints each by name, and counts: every one
 * that is listed has passed, failed or named its reason.
 */
export async function runListed<World>(
  world: World,
  tests: readonly ListedTest<World>[],
  options: { readonly atOnce: number; readonly limitMs: number },
): Promise<Tally> {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  const one = async ({ name, run, skip }: ListedTest<World>) => {
    const reason = skip?.(world);
    if (reason !== undefined) {
      tally.skipped += 1;
      console.log(`skip  ${name}: ${reason}`);
      return;
    }
    const began = Date.now();
    const took = () => `(${((Date.now() - began) / 1000).toFixed(1)} s)`;
    const limit = new AbortController();
    const late = sleep(options.limitMs, undefined, { signal: limit.signal, ref: false }).then(() => {
      throw new Error(`not over after ${options.limitMs / 1000} s`);
    });
    late.catch(() => {});
    try {
      await Promise.race([run(world), late]);
      tally.passed += 1;
      console.log(`ok    ${name} ${took()}`);
    } catch (error) {
      tally.failed += 1;
      console.log(`FAIL  ${name} ${took()}`);
      console.log(indented(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    } finally {
      limit.abort();
    }
  };
  const queue = tests.values();
  const work = async () => {
    for (const test of queue) await one(test);
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  return tally;
}

/** The closing line, and the exit code with it: to have run fewer than were listed is a failure. */
export function close(listed: number, { passed, failed, skipped }: Tally): void {
  const missing = listed - passed - failed - skipped;
  if (missing > 0) console.log(`FAIL  ${missing} of ${listed} tests were not run`);
  if (skipped > 0) console.log(`${skipped} skipped, for the reasons above`);
  console.log(`${passed} passed, ${failed + missing} failed`);
  process.exitCode = failed + missing > 0 ? 1 : 0;
}

const indented = (text: string) => text.replaceAll(/^/gm, '      ');

/** Asks again until there is an answer. @throws Error naming what was waited for */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  options: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const { withinMs = 30_000, everyMs = 100 } = options;
  for (const end = Date.now() + withinMs; ; await sleep(everyMs)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`waited ${withinMs / 1000} s in vain: ${what}`);
  }
}
