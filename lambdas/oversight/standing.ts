import type { Journal } from '../journal/journal.ts';
import { brakeKey } from '../journal/keys.ts';
import type { BodyOf, Stored } from '../journal/records.ts';
import type { BrakeRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';

/** Who set and lifted the brakes of a scope, as write-once records; the row beside them is what stops effects. */

export interface StandingDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  readonly now: () => Date;
}

/** One setting of a brake, and its lifting where it has been lifted. */
export interface Braking {
  readonly number: number;
  readonly set: Stored<BodyOf<'braked'>>;
  readonly lifted: Stored<BodyOf<'lifted'>> | undefined;
}

/** Every setting of a scope's brake, oldest first. */
export async function brakings(journal: Journal, scope: string): Promise<readonly Braking[]> {
  const records = new Map((await journal.list(scope, 'standing', 'brake#')).map((r) => [r.sk, r]));
  const found: Braking[] = [];
  for (let number = 1; ; number++) {
    const set = records.get(brakeKey(number, 'set').sk) as Braking['set'] | undefined;
    if (!set) return found;
    const lifted = records.get(brakeKey(number, 'lifted').sk) as Braking['lifted'];
    found.push({ number, set, lifted });
  }
}

/** Sets a brake: the row first, so that a crash leaves it on. Setting it again takes over its name and reason. */
export async function setBrake(deps: StandingDeps, brake: Omit<BrakeRow, 'kind' | 'at'>): Promise<BrakeRow> {
  const row: BrakeRow = { kind: 'brake', at: deps.now().toISOString(), ...brake };
  await deps.rows.put(row);
  await recordOf(deps, row);
  return row;
}

/** Lifts a brake: the record first, so that a crash leaves it on. Says whether one was on. */
export async function liftBrake(deps: StandingDeps, scope: string, who: string): Promise<boolean> {
  const row = await deps.rows.get('brake', scope);
  if (!row) return false;
  // Should its setting have died between the row and the record, it is recorded now.
  const { number, set } = await recordOf(deps, row);
  const body = { kind: 'lifted' as const, scope, who };
  await deps.journal.put(scope, brakeKey(number, 'lifted'), body, [set]);
  // Somebody else's brake that was set meanwhile stays on.
  return deps.rows.deleteIf('brake', scope, { at: row.at, who: row.who });
}

/** The record of what a row says, written where it is not there yet. */
async function recordOf({ journal }: StandingDeps, row: BrakeRow): Promise<Braking> {
  const { id: scope, who, reason } = row;
  for (;;) {
    const last = (await brakings(journal, scope)).at(-1);
    const { body } = last?.set ?? {};
    if (last && !last.lifted && body?.who === who && body.reason === reason) return last;
    const number = (last?.number ?? 0) + 1;
    const put = await journal.put(scope, brakeKey(number, 'set'), { kind: 'braked', scope, who, reason }, [
      last?.lifted ?? last?.set,
    ]);
    // Somebody else was the n-th: look again.
    if (put.written) return { number, set: put.record, lifted: undefined };
  }
}
