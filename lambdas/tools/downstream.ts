import * as z from 'zod';
import { NothingHappened } from '../errors.ts';
import type { Json } from '../json.ts';
import type { ToolContext } from './tool.ts';

/** Found out before a connection exists, so nothing was sent. */
const NEVER_RESOLVED = ['ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];
const NEVER_CONNECTED = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'];

/** 4xx that do not say that nothing happened: a time-out, a conflict with what may be our own call, too early. */
const AMBIGUOUS = [408, 409, 425];

const Problem = z.object({ title: z.string(), detail: z.string() }).partial();

/**
 * POSTs to the downstream under the action's idempotency key and returns its answer.
 * Throws {@link NothingHappened} where that is certain, and an ordinary error, which counts as *unknown*, for all else.
 */
export const call = (context: ToolContext, path: string, body: Json): Promise<Json> => {
  const fault = context.env.SANDBOX_FAULT;
  return request(context, fault ? `${path}?fail=${encodeURIComponent(fault)}` : path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': context.key },
    body: JSON.stringify(body),
  });
};

/** GETs from the downstream; errors as with {@link call}. */
export const ask = (context: ToolContext, path: string): Promise<Json> =>
  request(context, path, { method: 'GET' });

const request = async ({ env, signal }: ToolContext, path: string, init: RequestInit): Promise<Json> => {
  if (!env.SANDBOX_URL) throw new NothingHappened('SANDBOX_URL is not set', { again: false });
  if (signal.aborted) throw new NothingHappened('The deadline had passed before the call', { again: true });

  let response: Response;
  try {
    response = await fetch(env.SANDBOX_URL + path, { ...init, redirect: 'manual', signal });
  } catch (cause) {
    if (!neverSent(cause)) throw cause;
    throw new NothingHappened('The downstream cannot be reached', { again: true, cause });
  }

  const text = await response.text();
  const { status } = response;
  if (status >= 200 && status < 300) return JSON.parse(text) as Json;
  const message = `The downstream answered ${status}: ${reason(text)}`;
  if (status === 429) throw new NothingHappened(message, { again: true });
  if (status >= 400 && status < 500 && !AMBIGUOUS.includes(status))
    throw new NothingHappened(message, { again: false });
  throw new Error(message);
};

/** Whether the error of a fetch proves that no connection came about; with several addresses, to none of them. */
const neverSent = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverSent);
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && NEVER_RESOLVED.includes(code)) return true;
  if (code !== undefined && syscall === 'connect' && NEVER_CONNECTED.includes(code)) return true;
  return neverSent(error.cause);
};

const reason = (text: string): string => {
  try {
    const { detail, title } = Problem.parse(JSON.parse(text));
    return detail ?? title ?? 'no reason given';
  } catch {
    return 'no reason given';
  }
};
