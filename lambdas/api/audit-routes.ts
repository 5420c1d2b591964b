import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { canonical } from '../journal/digest.ts';
import { hashOf, type Item } from '../journal/journal.ts';
import { type Power, RUN_ID } from '../journal/keys.ts';
import { Body, RUN_ENDS } from '../journal/records.ts';
import { verify } from '../journal/verify.ts';
import type { Json } from '../json.ts';
import type { Member } from '../oversight/directory.ts';
import { problems, SECURITY } from './answers.ts';
import { signedIn } from './caller.ts';
import { type ApiDeps, type ApiEnv, isOperator } from './deps.ts';
import { notFound } from './problem.ts';
import { RunParams } from './run-routes.ts';
import { AuditLine, Verdict } from './schemas.ts';

const POWERS: readonly Power[] = ['oversight', 'proposals', 'effects'];
const AuditQuery = z.object({
  verify: z
    .enum(['0', '1'])
    .optional()
    .meta({ description: '1: the verdict on the records instead of them' }),
});

export function addAuditRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(
    createRoute({
      middleware: signedIn(deps),
      security: SECURITY,
      tags: ['runs'],
      method: 'get',
      path: '/runs/{runId}/audit',
      operationId: 'auditRun',
      summary: 'The records of a run, one JSON object a line, or whether they are as they were written',
      request: { params: RunParams, query: AuditQuery },
      responses: {
        200: {
          description: 'The records; with verify=1 the verdict',
          content: { 'application/jsonl': { schema: AuditLine }, 'application/json': { schema: Verdict } },
        },
        ...problems(404, 422),
      },
    }),
    async (c) => {
      const { runId } = c.req.valid('param');
      if (!RUN_ID.test(runId)) throw notFound();
      const read = await Promise.all(POWERS.map((power) => deps.journal.items(runId, power)));
      const items = read.flat();
      if (!maySeeRecords(deps, items, c.get('caller'))) throw notFound();
      if (c.req.valid('query').verify === '1') {
        const row = await deps.rows.get('run', runId);
        const endedAs = RUN_ENDS.find((end) => end === row?.status);
        return c.json({ runId, ...verify(items, { runId, endedAs }) } as never, 200);
      }
      const text = POWERS.flatMap((power, i) => (read[i] ?? []).map((item) => lineOf(power, item))).join('');
      return c.body(text, 200, { 'content-type': 'application/jsonl; charset=utf-8' }) as never;
    },
  );
}

/**
 * Like for the run itself, but a changed record must not close the audit that would name it: whoever it may concern
 * by any readable record is let in.
 */
function maySeeRecords(deps: ApiDeps, items: readonly Item[], caller: Member): boolean {
  if (items.length === 0) return false;
  if (isOperator(deps, caller)) return true;
  return items.some((item) => {
    if (hashOf(item) !== item.hash) return false;
    const parsed = Body.safeParse(JSON.parse(item.body)).data;
    if (parsed?.kind === 'run') return parsed.requester === caller.id;
    return parsed?.kind === 'hold' && caller.groups.some((group) => parsed.groups.includes(group));
  });
}

/** The body as JSON where that gives back the very text that was hashed, else the text. */
function lineOf(power: Power, { sk, hash, body }: Item): string {
  let value: Json = body;
  try {
    const parsed = JSON.parse(body) as Json;
    if (canonical(parsed) === body) value = parsed;
  } catch {}
  return `${JSON.stringify({ power, key: sk, hash, body: value })}\n`;
}
