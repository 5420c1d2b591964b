import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import * as z from 'zod';
import type { JsonObject } from '../json.ts';
import type { Kind, Ledger } from './ledger.ts';
import { problem } from './problem.ts';
import { DeleteRequest, MailRequest, RefundRequest, WireRequest } from './requests.ts';

export interface SandboxOptions {
  readonly ledger: Ledger;
  /** How long every call that could have an effect takes: half before the effect, half after. @default 0 */
  readonly delayMs?: number;
}

type Environment = { Bindings: Partial<HttpBindings> };

/** `before`: 503 and no effect. `after`: the effect, then 500. `reset`: the effect, then the connection is torn down. */
const Fault = z.enum(['before', 'after', 'reset']).optional();

/**
 * The system that the sample agent's tools act on: it moves nothing, and keeps a ledger of what it was asked and
 * what it did. `/wires` ignores idempotency keys, as many real ones do; the others honour them.
 */
export const createSandbox = ({ ledger, delayMs = 0 }: SandboxOptions): Hono<Environment> => {
  const app = new Hono<Environment>();
  /** What was received and is not done yet: of this process, which ends with it. */
  const underWay = new Set<{ readonly requestId: string | null; readonly args: JsonObject }>();

  const receive = (kind: Kind, schema: z.ZodObject) => async (c: Context<Environment>) => {
    const key = c.req.header('idempotency-key') ?? null;
    await ledger.attempt({ key, kind });

    const fault = Fault.safeParse(c.req.query('fail'));
    if (!fault.success) return problem(400, 'fail is one of before, after, reset');
    const body = schema.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) return problem(400, z.prettifyError(body.error));
    const args = body.data as JsonObject;

    if (kind !== 'wire' && key === null) return problem(400, 'The Idempotency-Key header is required');

    const does = async () => {
      if (delayMs > 0) await sleep(delayMs / 2);
      if (fault.data === 'before') return undefined;
      return kind === 'wire' || key === null
        ? ledger.always({ key, kind, args })
        : ledger.once({ key, kind, args });
    };
    const call = { requestId: key, args };
    underWay.add(call);
    const effect = await does().finally(() => underWay.delete(call));
    if (!effect) return problem(503, 'Switched to fail before the effect');
    if (effect.kind !== kind || !isDeepStrictEqual(effect.args, args))
      return problem(422, 'The Idempotency-Key was used before with another request');
    if (delayMs > 0) await sleep(delayMs / 2);

    if (fault.data === 'reset') c.env?.incoming?.socket.destroy();
    if (fault.data !== undefined) return problem(500, 'Switched to fail after the effect');
    return c.json({ id: effect.id, status: 'done', at: effect.at }, 201);
  };

  app.post('/refunds', receive('refund', RefundRequest));
  app.post('/mails', receive('mail', MailRequest));
  app.post('/records/delete', receive('delete', DeleteRequest));
  app.post('/wires', receive('wire', WireRequest));

  app.get('/wires', async (c) => {
    const reference = c.req.query('reference');
    if (reference === undefined) return problem(400, 'reference is required');
    // Looked at first: what is done in between is among both, and not among neither.
    const waiting = [...underWay].filter(({ args }) => args.reference === reference);
    const { effects } = await ledger.read();
    const items = effects
      .filter(({ kind, args }) => kind === 'wire' && args.reference === reference)
      .map(({ id, key, args, at }) => ({ id, requestId: key, ...args, at }));
    return c.json({ items, underWay: waiting.map(({ requestId }) => ({ requestId })) });
  });

  app.get('/ledger', async (c) => c.json(await ledger.read()));

  app.notFound(() => problem(404, 'No such resource'));
  app.onError((error) => problem(500, error.message));
  return app;
};
