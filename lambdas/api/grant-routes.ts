import { isDeepStrictEqual } from 'node:util';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { idBytes } from '../journal/digest.ts';
import { RUN_ID } from '../journal/keys.ts';
import type { GrantRow } from '../journal/row-kinds.ts';
import { readCounter, sumsOf } from '../oversight/counters.ts';
import type { Member } from '../oversight/directory.ts';
import { checkLimits, type GrantTerms } from '../oversight/grant-terms.ts';
import { approvesAlone, giveGrant, revokeGrant, useOf } from '../oversight/grants.ts';
import { body, json, problems, SECURITY } from './answers.ts';
import { signedIn } from './caller.ts';
import { type ApiDeps, type ApiEnv, isOperator } from './deps.ts';
import { type FieldError, HttpProblem, notFound, unfit } from './problem.ts';
import { Grant, GrantRequest, IdempotencyKey, listOf } from './schemas.ts';
import { uniqueNames } from './unique-names.ts';

const GrantParams = z.object({ grantId: z.string() });
const LONGEST_MS = 366 * 24 * 3_600_000;

/** Standing grants: approvals in advance, by those who could approve by themselves. */
export function addGrantRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const middleware = [signedIn(deps), uniqueNames];
  const common = { middleware, security: SECURITY, tags: ['grants'] };

  app.openapi(
    createRoute({
      ...common,
      method: 'get',
      path: '/grants',
      operationId: 'listGrants',
      summary: 'The standing grants that the caller may revoke',
      responses: { 200: json(listOf(Grant), 'Grants'), ...problems() },
    }),
    async (c) => {
      const now = deps.now().toISOString();
      const all = await deps.rows.list('grant');
      const own = all.filter((grant) => now < grant.until && mayRevoke(deps, grant, c.get('caller')));
      return c.json({ items: await Promise.all(own.map((grant) => viewGrant(deps, grant))) }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...common,
      method: 'post',
      path: '/grants',
      operationId: 'giveGrant',
      summary: 'Allows a tool in advance, within limits; it counts where its giver could approve alone',
      request: { headers: IdempotencyKey, body: body(GrantRequest) },
      responses: { 201: json(Grant, 'Given'), ...problems(400, 413, 415, 422) },
    }),
    async (c) => {
      const asked = c.req.valid('json');
      const { reason, ...terms } = asked;
      const caller = c.get('caller');
      if (!Object.values(deps.routes).some((route) => approvesAlone(route, caller.groups))) {
        throw new HttpProblem(403, 'you are in no group whose members decide by themselves');
      }
      mustFit(termErrors(deps, terms));
      const id = newGrantId(caller.id, terms.agent, c.req.valid('header')['idempotency-key']);
      const grant = await giveGrant(deps, { id, who: caller.id, groups: caller.groups, reason, ...terms });
      if (!isDeepStrictEqual(GrantRequest.strip().parse(grant), asked)) {
        throw unfit({ field: 'Idempotency-Key', detail: 'it was used before, with another request' });
      }
      return c.json(await viewGrant(deps, grant), 201);
    },
  );

  app.openapi(
    createRoute({
      ...common,
      method: 'delete',
      path: '/grants/{grantId}',
      operationId: 'revokeGrant',
      summary: 'Revokes a grant: nothing is allowed by it any more, at once',
      request: { params: GrantParams },
      responses: { 204: { description: 'It is revoked' }, ...problems(404) },
    }),
    async (c) => {
      const grant = await deps.rows.get('grant', c.req.valid('param').grantId);
      const caller = c.get('caller');
      if (!grant || !mayRevoke(deps, grant, caller)) throw notFound();
      await revokeGrant(deps, grant, caller.id);
      return c.body(null, 204);
    },
  );
}

/** 12 characters of base64url: 72 bits. With a key, which counts for each agent apart, the same request again is the same grant. */
function newGrantId(who: string, agent: string, idempotencyKey: string | undefined): string {
  const bytes = idBytes(idempotencyKey === undefined ? undefined : [who, agent, idempotencyKey]);
  return bytes.toString('base64url').slice(0, 12);
}

/** Who gave it, whoever decides on the same things, and operators. */
const mayRevoke = (deps: ApiDeps, { who, groups }: GrantRow, caller: Member): boolean =>
  who === caller.id || isOperator(deps, caller) || caller.groups.some((group) => groups.includes(group));

async function viewGrant({ rows, now }: ApiDeps, grant: GrantRow): Promise<Grant> {
  const { id, who, at, reason, agent, tool, limits, runId, until, uses } = grant;
  const use = useOf(grant, '');
  const used = sumsOf(await readCounter(rows, use.id), use, now()).countDay;
  const usesLeft = Math.max(0, uses - used);
  const run = runId === undefined ? {} : { runId };
  return { grantId: id, who, at, reason, agent, tool, limits, ...run, until, uses, usesLeft };
}

/** What is wrong with terms that somebody wants to grant. */
export function termErrors(deps: ApiDeps, terms: GrantTerms, prefix = ''): FieldError[] {
  const { agent: name, tool: toolName, limits, runId, until } = terms;
  const wrong = (field: string, detail: string): FieldError[] => [{ field: prefix + field, detail }];
  const agent = deps.tools.agent(name);
  if (!agent) return wrong('agent', 'there is no such agent');
  const tool = agent.tools.find((each) => each.name === toolName);
  if (!tool) return wrong('tool', `${name} has no such tool`);
  const now = deps.now().getTime();
  const time = Date.parse(until);
  return [
    ...(tool.tier === 'critical' ? wrong('tool', 'nothing critical is granted in advance') : []),
    ...(time <= now || time > now + LONGEST_MS ? wrong('until', 'in the future, within a year') : []),
    ...(runId !== undefined && !RUN_ID.test(runId) ? wrong('runId', 'not the id of a run') : []),
    ...checkLimits(tool, limits).flatMap(({ argument, why }) => wrong(`limits.${argument}`, why)),
  ];
}

export function mustFit(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw unfit(...errors);
}
