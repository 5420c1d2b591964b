import {
  IdempotencyItemAlreadyExistsError,
  IdempotencyRecordStatus,
} from '@aws-lambda-powertools/idempotency';
import { BasePersistenceLayer, IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence';
import type { Journal } from '../journal/journal.ts';
import { intentKey, outcomeKey, resultKey } from '../journal/keys.ts';
import type { BodyOf, Stored } from '../journal/records.ts';
import type { Json } from '../json.ts';

/** What a guarded call returns; it is stored, so it is plain JSON. */
export type Told =
  | { readonly told: 'done'; readonly value: Json }
  | { readonly told: 'unknown'; readonly detail: string };

export interface Try {
  readonly runId: string;
  readonly actionId: string;
  readonly number: number;
  readonly owner: string;
  readonly key: string;
  readonly digest: string;
  readonly deadline: Date;
  /** What the intent follows from: the settlement or the turn that lets it happen. */
  readonly follows: readonly Stored[];
}

/**
 * Powertools' persistence for one try, over the journal: there is one record of an effect, not two stores that could
 * disagree.
 *
 *     put     intent                    before the call; refused where another owner's is there
 *     update  result, or outcome        after the call returned: done, or unknown
 *     delete  outcome nothing happened  after the call threw, which only NothingHappened may
 *
 * A crash between put and update leaves an intent alone: in doubt, never repeated by Powertools.
 */
export class TryPersistence extends BasePersistenceLayer {
  readonly #journal: Journal;
  readonly #try: Try;
  #intent: Stored<BodyOf<'intent'>> | undefined;
  /** What the thrown NothingHappened said; set before Powertools deletes. */
  nothing: { readonly detail: string; readonly retry: boolean } = { detail: 'nothing happened', retry: true };

  constructor(journal: Journal, of: Try) {
    super();
    this.#journal = journal;
    this.#try = of;
  }

  protected override async _putRecord(record: IdempotencyRecord): Promise<void> {
    const { runId, actionId, number, owner, key, digest, deadline, follows } = this.#try;
    const body = { kind: 'intent' as const, owner, key, digest, deadline: deadline.toISOString() };
    const put = await this.#journal.put(runId, intentKey(actionId, number), body, follows);
    // The owner is random: two intents written in one millisecond would else be equal, and both would call.
    if (put.record.body.owner !== owner) {
      throw new IdempotencyItemAlreadyExistsError(
        'another attempt owns this try',
        inProgress(record.idempotencyKey, put.record),
      );
    }
    this.#intent = put.record;
  }

  protected override async _updateRecord(record: IdempotencyRecord): Promise<void> {
    const { runId, actionId, number, owner } = this.#try;
    const told = record.responseData as Told;
    if (told.told === 'done') {
      const body = { kind: 'result' as const, outcome: 'succeeded' as const, value: told.value as never };
      await this.#journal.put(runId, resultKey(actionId), body, [this.#intent]);
    } else {
      const body = { kind: 'outcome' as const, owner, outcome: 'unknown' as const, detail: told.detail };
      await this.#journal.put(runId, outcomeKey(actionId, number), body, [this.#intent]);
    }
  }

  protected override async _deleteRecord(): Promise<void> {
    const { runId, actionId, number, owner } = this.#try;
    const body = { kind: 'outcome' as const, owner, outcome: 'nothing happened' as const, ...this.nothing };
    await this.#journal.put(runId, outcomeKey(actionId, number), body, [this.#intent]);
  }

  protected override async _getRecord(idempotencyKey: string): Promise<IdempotencyRecord> {
    return inProgress(idempotencyKey, this.#intent);
  }
}

const inProgress = (idempotencyKey: string, intent: Stored<BodyOf<'intent'>> | undefined) =>
  new IdempotencyRecord({
    idempotencyKey,
    status: IdempotencyRecordStatus.INPROGRESS,
    ...(intent ? { inProgressExpiryTimestamp: Date.parse(intent.body.deadline) } : {}),
  });
