import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { type Records, record } from '../journal/journal.ts';
import { RUN_ID, runKey } from '../journal/keys.ts';
import type { RunRow } from '../journal/row-kinds.ts';
import type { Member } from '../oversight/directory.ts';
import { cancelRun } from '../runs/cancel-run.ts';
import { fitLimits } from '../runs/limits.ts';
import { RunView } from '../runs/run-schema.ts';
import { viewRun } from '../runs/run-view.ts';
import { startRun } from '../runs/start-run.ts';
import { body, json, problems, SECURITY } from './answers.ts';
import { signedIn } from './caller.ts';
import { cursors } from './cursor.ts';
import { type ApiDeps, type ApiEnv, isOperator } from './deps.ts';
import { collect } from './list.ts';
import { HttpProblem, notFound, unfit } from './problem.ts';
import {
  IdempotencyKey,
  ListQuery,
  listOf,
  type RunItem,
  RunItem as RunItemSchema,
  RunRequest,
  RunStarted,
} from './schemas.ts';
import { uniqueNames } from './unique-names.ts';

export const RunParams = z.object({ runId: z.string() });

export function addRunRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const middleware = [signedIn(deps), uniqueNames];
  const common = { middleware, security: SECURITY, tags: ['runs'] };

  app.openapi(
    createRoute({
      ...common,
      method: 'post',
      path: '/runs',
      operationId: 'startRun',
      summary: 'Gives an agent a task',
      request: { headers: IdempotencyKey, body: body(RunRequest) },
      responses: { 201: json(RunStarted, 'Started'), ...problems(400, 413, 415, 422) },
    }),
    async (c) => {
      const { agent: name, input, model = deps.models.default, limits: asked, canary } = c.req.valid('json');
      if (canary && !isOperator(deps, c.get('caller')))
        throw new HttpProblem(403, 'operators test attention');
      const agent = deps.tools.agent(name);
      if (!agent) throw unfit({ field: 'agent', detail: 'there is no such agent' });
      if (!deps.models.has(model)) throw unfit({ field: 'model', detail: 'there is no such model' });
      const fitted = fitLimits(agent, asked ?? {}, model, deps.priceOf(model));
      if (fitted.as === 'refused') throw unfit({ field: fitted.field, detail: fitted.detail });
      const key = c.req.valid('header')['idempotency-key'];
      const { journal, rows, workflow, priceOf, now } = deps;
      const started = await startRun(
        { journal, rows, workflow, priceOf, now, policyVersion: deps.policyVersion() },
        {
          agent,
          input,
          model,
          requester: c.get('caller').id,
          ...(asked ? { limits: fitted.limits } : {}),
          ...(canary ? { canary } : {}),
          ...(key === undefined ? {} : { idempotencyKey: key }),
        },
      );
      if (started.as === 'other request') {
        throw unfit({ field: 'Idempotency-Key', detail: 'it was used before, with another request' });
      }
      return c.json({ runId: started.runId }, 201);
    },
  );

  app.openapi(
    createRoute({
      ...common,
      method: 'get',
      path: '/runs',
      operationId: 'listRuns',
      summary: 'The runs that the caller may see, newest first',
      request: { query: ListQuery },
      responses: { 200: json(listOf(RunItemSchema), 'Runs'), ...problems(422) },
    }),
    async (c) => {
      const caller = c.get('caller');
      const { limit, next } = c.req.valid('query');
      const page = await collect({
        limit,
        next,
        cursors: cursors(await deps.secret(), 'runs'),
        read: (options) => deps.rows.newest(options),
        keep: (row: RunRow) => itemFor(deps, row, caller),
      });
      return c.json(page, 200);
    },
  );

  app.openapi(
    createRoute({
      ...common,
      method: 'get',
      path: '/runs/{runId}',
      operationId: 'getRun',
      summary: 'A run: its actions with rulings, holds and effects',
      request: { params: RunParams },
      responses: { 200: json(RunView, 'The run'), ...problems(404) },
    }),
    async (c) => {
      const { runId } = c.req.valid('param');
      const { records, row } = await readRun(deps, runId, c.get('caller'));
      const view = viewRun(records, { rowStatus: row?.status, now: deps.now() });
      if (!view) throw notFound();
      return c.json(view, 200);
    },
  );

  app.openapi(
    createRoute({
      ...common,
      method: 'post',
      path: '/runs/{runId}/cancel',
      operationId: 'cancelRun',
      summary: 'Has a run stop: what is under way ends, and nothing more happens',
      request: { params: RunParams },
      responses: { 202: json(RunStarted, 'It stops'), ...problems(404, 409) },
    }),
    async (c) => {
      const { runId } = c.req.valid('param');
      const caller = c.get('caller');
      const { records, row } = await readRun(deps, runId, caller);
      if (record(records, runKey, 'run')?.body.requester !== caller.id && !isOperator(deps, caller)) {
        throw new HttpProblem(403, 'who asked for a run may cancel it, and operators may');
      }
      const done = await cancelRun(deps, runId, caller.id);
      if (done === 'unknown run') throw notFound();
      if (done === 'ended' && row?.status !== 'cancelled') {
        throw new HttpProblem(409, 'the run has ended', { more: { runStatus: row?.status } });
      }
      return c.json({ runId }, 202);
    },
  );
}

/**
 * All records of a run, for who may see it: who asked for it, operators, and whoever is asked by one of its holds.
 * @throws HttpProblem the same 404 for everybody else as for a run that does not exist (T29)
 */
export async function readRun(
  deps: ApiDeps,
  runId: string,
  caller: Member,
): Promise<{ records: Records; row: RunRow | undefined }> {
  if (!RUN_ID.test(runId)) throw notFound();
  const [records, row] = await Promise.all([deps.journal.whole(runId), deps.rows.get('run', runId)]);
  const run = record(records, runKey, 'run')?.body;
  if (!run || !maySee(deps, run.requester, groupsOfHolds(records), caller)) throw notFound();
  return { records, row };
}

const groupsOfHolds = (records: Records) =>
  [...records.values()].flatMap(({ body: of }) => (of.kind === 'hold' ? of.groups : []));

const maySee = (deps: ApiDeps, requester: string, groups: readonly string[], caller: Member): boolean =>
  requester === caller.id ||
  isOperator(deps, caller) ||
  caller.groups.some((group) => groups.includes(group));

/** A run's line; in the list approvers find the runs that wait for them now. */
async function itemFor(deps: ApiDeps, row: RunRow, caller: Member): Promise<RunItem | undefined> {
  const open = row.status === 'running' ? await deps.rows.list('hold', `${row.id}.`) : [];
  const groups = open.flatMap((hold) => hold.groups);
  if (!maySee(deps, row.requester, groups, caller)) return undefined;
  const { id: runId, agent, requester, at: startedAt, input } = row;
  return { runId, agent, status: open.length > 0 ? 'held' : row.status, requester, startedAt, input };
}
