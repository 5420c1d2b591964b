import { type Branch, branchOf } from '../journal/branch.ts';
import { type Records, record } from '../journal/journal.ts';
import { execKey, failedKey, turnKey } from '../journal/keys.ts';
import type { BodyOf, Stored } from '../journal/records.ts';

/** Where a run stands by its records: its last turn and what became of that turn's actions. */
export interface RunStand {
  readonly turn: Stored<BodyOf<'turn'>> | undefined;
  readonly turns: readonly Stored<BodyOf<'turn'>>[];
  /** Of the last turn. */
  readonly branches: readonly Branch[];
  readonly execs: readonly Stored<BodyOf<'exec'>>[];
  readonly ended: boolean;
}

export function standOf(records: Records): RunStand {
  const turns: Stored<BodyOf<'turn'>>[] = [];
  for (let n = 1; ; n++) {
    const turn = record(records, turnKey(n), 'turn');
    if (!turn) break;
    turns.push(turn);
  }
  const execs: Stored<BodyOf<'exec'>>[] = [];
  for (let n = 1; ; n++) {
    const exec = record(records, execKey(n), 'exec');
    if (!exec) break;
    execs.push(exec);
  }
  const turn = turns.at(-1);
  return {
    turn,
    turns,
    branches: turn?.body.actions.map((_, index) => branchOf(turn, index, records)) ?? [],
    execs,
    ended: turn?.body.end !== undefined || record(records, failedKey, 'failed') !== undefined,
  };
}
