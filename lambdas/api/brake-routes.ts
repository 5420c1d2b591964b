import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { RUN_ID, runKey } from '../journal/keys.ts';
import type { BrakeRow } from '../journal/row-kinds.ts';
import { BRAKE_SCOPE } from '../oversight/brakes.ts';
import type { Member } from '../oversight/directory.ts';
import { brakings, liftBrake, setBrake } from '../oversight/standing.ts';
import { body, json, problems, SECURITY } from './answers.ts';
import { signedIn } from './caller.ts';
import { type ApiDeps, type ApiEnv, isOperator } from './deps.ts';
import { HttpProblem, notFound, unfit } from './problem.ts';
import { Brake, BrakeRequest, Braking, listOf } from './schemas.ts';
import { uniqueNames } from './unique-names.ts';

const BrakeParams = z.object({
  scope: z
    .string()
    .regex(BRAKE_SCOPE, 'one of: all, agent:NAME, tool:NAME, run:ID')
    .meta({ description: '`all`, `agent:NAME`, `tool:NAME` or `run:ID`' }),
});

const brakeOf = ({ id, reason, who, at }: BrakeRow): Brake => ({ scope: id, reason, who, at });

export function addBrakeRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const middleware = [signedIn(deps), uniqueNames];
  const common = { middleware, security: SECURITY, tags: ['brakes'] };

  app.openapi(
    createRoute({
      ...common,
      method: 'get',
      path: '/brakes',
      operationId: 'listBrakes',
      summary: 'The brakes that are on',
      responses: { 200: json(listOf(Brake), 'Brakes'), ...problems() },
    }),
    async (c) => c.json({ items: (await deps.rows.list('brake')).map(brakeOf) }, 200),
  );

  app.openapi(
    createRoute({
      ...common,
      method: 'get',
      path: '/brakes/{scope}',
      operationId: 'getBrake',
      summary: 'One brake, if it is on',
      request: { params: BrakeParams },
      responses: { 200: json(Brake, 'The brake'), ...problems(404, 422) },
    }),
    async (c) => {
      const brake = await deps.rows.get('brake', c.req.valid('param').scope);
      if (!brake) throw notFound();
      return c.json(brakeOf(brake), 200);
    },
  );

  app.openapi(
    createRoute({
      ...common,
      method: 'get',
      path: '/brakes/{scope}/history',
      operationId: 'brakeHistory',
      summary: 'Who set this brake, when and why, and who lifted it: oldest first',
      request: { params: BrakeParams },
      responses: { 200: json(listOf(Braking), 'Every time that it was set'), ...problems(422) },
    }),
    async (c) => {
      const { scope } = c.req.valid('param');
      const items = (await brakings(deps.journal, scope)).map(({ set: { body }, lifted }) => ({
        scope,
        reason: body.reason,
        who: body.who,
        at: body.at,
        ...(lifted ? { liftedBy: lifted.body.who, liftedAt: lifted.body.at } : {}),
      }));
      return c.json({ items }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...common,
      method: 'put',
      path: '/brakes/{scope}',
      operationId: 'setBrake',
      summary: 'Stops every effect in a scope that is not under way',
      request: { params: BrakeParams, body: body(BrakeRequest) },
      responses: { 200: json(Brake, 'The brake is on'), ...problems(400, 413, 415, 422) },
    }),
    async (c) => {
      const caller = c.get('caller');
      operatorsOnly(deps, caller);
      const { scope } = c.req.valid('param');
      await mustStopSomething(deps, scope);
      const { reason } = c.req.valid('json');
      const brake = await setBrake(deps, { id: scope, who: caller.id, reason });
      return c.json(brakeOf(brake), 200);
    },
  );

  app.openapi(
    createRoute({
      ...common,
      method: 'delete',
      path: '/brakes/{scope}',
      operationId: 'liftBrake',
      summary: 'Lifts a brake: the runs that it stopped go on',
      request: { params: BrakeParams },
      responses: { 204: { description: 'The brake is off' }, ...problems(422) },
    }),
    async (c) => {
      const caller = c.get('caller');
      operatorsOnly(deps, caller);
      await liftBrake(deps, c.req.valid('param').scope, caller.id);
      await wakePaused(deps);
      return c.body(null, 204);
    },
  );
}

function operatorsOnly(deps: ApiDeps, caller: Member): void {
  if (!isOperator(deps, caller)) throw new HttpProblem(403, 'operators set and lift brakes');
}

/** A misspelt scope would be a brake that stops nothing. */
async function mustStopSomething(deps: ApiDeps, scope: string): Promise<void> {
  const [kind, name = ''] = scope.split(':');
  if (kind === 'all') return;
  const known =
    kind === 'agent'
      ? deps.tools.agent(name) !== undefined
      : kind === 'tool'
        ? deps.tools.has(name)
        : RUN_ID.test(name) && (await deps.journal.get(name, [runKey])).size > 0;
  if (!known) throw unfit({ field: 'scope', detail: `there is no such ${kind}` });
}

/** Paused runs are due at once. Should this be cut short, each looks in by itself within a minute. */
async function wakePaused(deps: ApiDeps): Promise<void> {
  const paused: string[] = [];
  let next: string | undefined;
  do {
    const page = await deps.rows.due('run', undefined, {
      limit: 500,
      ...(next === undefined ? {} : { next }),
    });
    paused.push(...page.items.filter(({ status }) => status === 'paused').map(({ id }) => id));
    next = page.next;
  } while (next !== undefined);
  const due = deps.now().getTime();
  await Promise.all(paused.map((id) => deps.rows.change('run', id, { due })));
}
