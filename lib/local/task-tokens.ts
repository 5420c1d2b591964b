import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Json } from '../../lambdas/json.ts';
import { ServiceError } from './service-error.ts';

const ID_BYTES = 24;
const SEAL_BYTES = 24;

interface Wait {
  readonly owner: object;
  readonly resolve: (output: Json) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The callback tasks that wait. */
export interface TaskTokens {
  /** A new token each time; 192 random bits. */
  issue(): string;
  /** Resolves or rejects with what is sent for the token. After `seconds` the token is stale, and nothing more comes. */
  wait(token: string, owner: object, seconds: number): Promise<Json>;
  /** Throws `TaskTimedOut`, `TaskDoesNotExist` or `InvalidToken`, as every method that is given a token from outside. */
  succeed(token: string, output: Json): void;
  fail(token: string, error: Error): void;
  heartbeat(token: string): void;
  /** Ends the wait if there still is one. */
  abandon(token: string, error: Error): void;
  /** Ends every wait of this owner. */
  abandonAll(owner: object, error: Error): void;
}

/**
 * A token carries a seal of this process, so that one which was used or has expired (`TaskTimedOut`) can be told from
 * one that another process issued (`TaskDoesNotExist`), without remembering any.
 */
export function createTaskTokens(): TaskTokens {
  const key = randomBytes(32);
  const waits = new Map<string, Wait>();
  const seal = (id: Uint8Array) => createHmac('sha256', key).update(id).digest().subarray(0, SEAL_BYTES);

  const taken = (token: string): Wait | undefined => {
    const wait = waits.get(token);
    waits.delete(token);
    clearTimeout(wait?.timer);
    return wait;
  };

  const stale = (token: string): ServiceError => {
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length !== ID_BYTES + SEAL_BYTES || bytes.toString('base64url') !== token)
      return new ServiceError('InvalidToken', 'Invalid token');
    return timingSafeEqual(bytes.subarray(ID_BYTES), seal(bytes.subarray(0, ID_BYTES)))
      ? new ServiceError('TaskTimedOut', 'The task has ended: its token was used, or its time is over')
      : new ServiceError('TaskDoesNotExist', 'The task does not exist');
  };

  const take = (token: string): Wait => {
    const wait = taken(token);
    if (!wait) throw stale(token);
    return wait;
  };

  return {
    issue: () => {
      const id = randomBytes(ID_BYTES);
      return Buffer.concat([id, seal(id)]).toString('base64url');
    },
    wait: (token, owner, seconds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => waits.delete(token), seconds * 1000);
        waits.set(token, { owner, resolve, reject, timer });
      }),
    succeed: (token, output) => take(token).resolve(output),
    fail: (token, error) => take(token).reject(error),
    heartbeat: (token) => {
      if (!waits.has(token)) throw stale(token);
    },
    abandon: (token, error) => taken(token)?.reject(error),
    abandonAll: (owner, error) => {
      for (const [token, wait] of waits) if (wait.owner === owner) taken(token)?.reject(error);
    },
  };
}
