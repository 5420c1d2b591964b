import type * as z from 'zod';
import type { DOUBT_ANSWERS } from '../journal/branch.ts';
import type { AgainRecord, RESULTS, SettledOutcome } from '../journal/records.ts';
import type { Ruling } from '../policy/ruling.ts';

/** Where an action may stand. The results are ends; every other state waits for something. */
export type State =
  | 'proposed'
  | 'denied'
  | 'held'
  | 'checked'
  | 'performing'
  | 'in doubt'
  | (typeof RESULTS)[number];

/** What moves it: a ruling, how a hold was settled, what the checks before the effect found, what was told of a doubt. */
export type Move = { readonly from: State; readonly to: State } & (
  | { readonly ruling: Ruling['decision'] }
  | { readonly settled: z.infer<typeof SettledOutcome> }
  | { readonly again: z.infer<typeof AgainRecord>['why'] }
  | { readonly answer: (typeof DOUBT_ANSWERS)[number] }
  | { readonly by: string }
);

/** Every way of an action from its proposal to its end. The documentation draws it; a test holds it against the code. */
export const MOVES: readonly Move[] = [
  { from: 'proposed', to: 'denied', ruling: 'deny' },
  { from: 'proposed', to: 'checked', ruling: 'allow' },
  { from: 'proposed', to: 'held', ruling: 'hold' },

  { from: 'held', to: 'checked', settled: 'approved' },
  { from: 'held', to: 'checked', settled: 'edited' },
  { from: 'held', to: 'held', settled: 'escalated' },
  { from: 'held', to: 'succeeded', settled: 'answered' },
  { from: 'held', to: 'not performed', settled: 'rejected' },
  { from: 'held', to: 'not performed', settled: 'expired' },
  { from: 'held', to: 'not performed', settled: 'cancelled' },

  { from: 'checked', to: 'held', again: 'stale' },
  { from: 'checked', to: 'held', again: 'stricter' },
  { from: 'checked', to: 'held', again: 'over limit' },
  { from: 'checked', to: 'held', again: 'authority' },
  { from: 'checked', to: 'held', again: 'edited' },
  { from: 'checked', to: 'not performed', by: 'policy denies it now, cancelled, asked three times' },
  { from: 'checked', to: 'checked', by: 'a brake is on' },
  { from: 'checked', to: 'performing', by: 'all checks passed' },

  { from: 'performing', to: 'succeeded', by: 'done' },
  { from: 'performing', to: 'checked', by: 'certainly nothing happened' },
  { from: 'performing', to: 'failed', by: 'refused for good' },
  { from: 'performing', to: 'in doubt', again: 'in doubt' },

  { from: 'in doubt', to: 'succeeded', by: 'the downstream says that it happened' },
  { from: 'in doubt', to: 'checked', by: 'the downstream says that it did not, or honours the same key' },
  { from: 'in doubt', to: 'succeeded', answer: 'it happened' },
  { from: 'in doubt', to: 'checked', answer: 'it did not happen' },
  { from: 'in doubt', to: 'left in doubt', answer: 'leave it' },
  { from: 'in doubt', to: 'left in doubt', by: 'nobody says' },
];

/** The words on an arrow. */
export function labelOf(move: Move): string {
  if ('ruling' in move) return `policy says ${move.ruling}`;
  if ('settled' in move) return move.settled;
  if ('again' in move) return move.again;
  return 'answer' in move ? `“${move.answer}”` : move.by;
}
