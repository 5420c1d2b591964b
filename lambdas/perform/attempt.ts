import { randomUUID } from 'node:crypto';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { NothingHappened, Retryable, Terminal } from '../errors.ts';
import type { Journal } from '../journal/journal.ts';
import type { Stored } from '../journal/records.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Tool } from '../tools/tool.ts';
import { type Call, type ToolBox, timeoutMs } from '../tools/tool-box.ts';
import { detailOf, storable } from './storable.ts';
import { type Told, TryPersistence } from './try-persistence.ts';

export interface AttemptDeps {
  readonly journal: Journal;
  readonly tools: ToolBox;
  readonly now: () => Date;
  /** Names this process in the owners of its intents. */
  readonly processId: string;
  /** Attempts of this process whose promise is open, by key. */
  readonly open: Set<string>;
}

export interface Attempt {
  readonly call: Required<Call>;
  readonly tool: Tool;
  readonly args: JsonObject;
  readonly digest: string;
  readonly number: number;
  readonly follows: readonly Stored[];
}

/** The process of an intent's owner. */
export const processOf = (owner: string) => owner.split(':')[0] ?? '';

/**
 * Makes one try of one effect, guarded by Powertools over the journal: intent, call, result.
 *
 * The call is wrapped so that what Powertools takes for "nothing happened" (a throw, upon which it deletes) can only
 * be {@link NothingHappened}: every other error, one of ours included, is returned as *unknown* (F16).
 * @throws Retryable where another attempt owns the try, or the journal could not be written
 */
export async function attempt(deps: AttemptDeps, of: Attempt): Promise<Told | { readonly told: 'nothing' }> {
  const { call, tool, args } = of;
  // An attempt that was given up may still be running here; on AWS its function has been stopped by then.
  if (deps.open.has(call.key)) throw new Retryable('the last attempt is still running');
  const milliseconds = timeoutMs(tool);
  const deadline = new Date(deps.now().getTime() + milliseconds);
  const owner = `${deps.processId}:${randomUUID()}`;
  const { runId, actionId, key } = call;
  const persistenceStore = new TryPersistence(deps.journal, {
    runId,
    actionId,
    key,
    owner,
    deadline,
    ...pick(of),
  });
  const config = new IdempotencyConfig({ throwOnNoIdempotencyKey: true, hashFunction: 'sha256' });
  // Powertools turns itself off by an environment variable; an effect without its record is what must never be.
  if (!config.isEnabled()) throw new Terminal('Powertools idempotency is switched off: nothing is performed');
  config.registerLambdaContext({ getRemainingTimeInMillis: () => milliseconds } as never);

  const guarded = makeIdempotent(
    async (_: JsonObject): Promise<Told> => {
      try {
        const left = deadline.getTime() - deps.now().getTime();
        // The process stood still meanwhile: others may take the try for cut off, and its call for landed or lost.
        if (left <= 0) throw new NothingHappened('the deadline had passed before the call', { again: true });
        const value = await withDeadline(left, deps, key, (signal) =>
          tool.perform(args, deps.tools.context(call, signal)),
        );
        return { told: 'done', value: storable(value) };
      } catch (error) {
        if (!(error instanceof NothingHappened)) return { told: 'unknown', detail: detailOf(error) };
        persistenceStore.nothing = { detail: detailOf(error.message), retry: error.again };
        throw error;
      }
    },
    { persistenceStore, config, keyPrefix: 'try' },
  );
  try {
    return await guarded({ key, try: of.number });
  } catch (error) {
    if (error instanceof NothingHappened) return { told: 'nothing' };
    throw new Retryable('the try could not be made or recorded', { cause: error });
  }
}

const pick = ({ digest, number, follows }: Attempt) => ({ digest, number, follows });

/** Runs a tool's code until its deadline, whether or not it heeds the signal. */
async function withDeadline(
  milliseconds: number,
  deps: AttemptDeps,
  key: string,
  run: (signal: AbortSignal) => Promise<Json>,
): Promise<Json> {
  const controller = new AbortController();
  deps.open.add(key);
  // A throw before the first await counts as the tool's, like any other.
  const running = (async () => run(controller.signal))().finally(() => deps.open.delete(key));
  running.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(new Error(`no answer within ${milliseconds / 1000} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}
