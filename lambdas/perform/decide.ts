import { Retryable } from '../errors.ts';
import { type Branch, headsOf } from '../journal/branch.ts';
import type { Journal } from '../journal/journal.ts';
import { intentKey } from '../journal/keys.ts';
import type { BodyOf, Stored } from '../journal/records.ts';

export interface DecideDeps {
  readonly journal: Journal;
  readonly now: () => Date;
}

export type Instead = NonNullable<BodyOf<'intent'>['instead']>;

/**
 * Decides that people are asked again, or that the action is not performed, in the place of the next try: whoever is
 * first there decides. So an attempt that had passed its checks a moment before (the same step delivered twice, F18)
 * is not made any more; and where it was first, this is not decided.
 * @throws Retryable where an attempt was first: what comes of it is looked at then
 */
export async function decide(
  { journal, now }: DecideDeps,
  runId: string,
  branch: Branch,
  instead: Instead,
): Promise<Stored<BodyOf<'intent'>>> {
  const body = {
    kind: 'intent' as const,
    owner: '',
    key: '',
    digest: branch.action.digest,
    deadline: now().toISOString(),
    instead,
  };
  const key = intentKey(branch.actionId, branch.places + 1);
  const { record } = await journal.put(runId, key, body, headsOf(branch));
  if (record.body.instead === undefined) throw new Retryable('another attempt was first');
  return record;
}
