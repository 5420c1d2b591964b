import fc from 'fast-check';
import type { Code } from './code.ts';
import { violations } from './invariants.ts';
import { play } from './play.ts';
import { scenario } from './scenario.ts';
import { BEGIN } from './world.ts';

/** Whatever is scheduled in whatever order, every invariant holds once the run has come to rest. */
export const invariantsHold = (code: Code, keyed: boolean) =>
  fc.asyncProperty(scenario(keyed), fc.scheduler(), async (planned, scheduler) => {
    const played = await play(code, planned, scheduler);
    const found = violations(played);
    if (found.length === 0) return;
    const records = played.world.log.map(({ tick, time, sk, body }) => {
      const { outcome = '', why = '' } = body as { outcome?: string; why?: string };
      return `${tick} (${(time - BEGIN) / 1000} s) ${sk} ${outcome} ${why}`.trimEnd();
    });
    throw new Error([...found, '', ...records].join('\n'));
  });
