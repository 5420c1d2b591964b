import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { parseHoldId } from '../journal/keys.ts';
import type { HoldRow } from '../journal/row-kinds.ts';
import { untoldBy } from '../notify/untold.ts';
import { barred } from '../oversight/authority.ts';
import { challengeOf, needsChallenge } from '../oversight/challenge.ts';
import { SETTLING_MS } from '../oversight/deliver.ts';
import type { Member } from '../oversight/directory.ts';
import { needsDwell, shownAt } from '../oversight/dwell.ts';
import { viewVotes } from '../runs/run-view.ts';
import { body, json, problems, SECURITY } from './answers.ts';
import { signedIn } from './caller.ts';
import { cursors } from './cursor.ts';
import { challengeFor, decide } from './decide.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { factsOf } from './facts.ts';
import { mustFit } from './grant-routes.ts';
import { grantErrors, grantWithVote } from './grant-with-vote.ts';
import { decisionsOn, type HoldView, maySeeHold, readHoldView } from './hold-view.ts';
import { collect } from './list.ts';
import { notFound } from './problem.ts';
import { HoldDetail, HoldItem, ListQuery, listOf, Receipt, VoteRequest } from './schemas.ts';
import { uniqueNames } from './unique-names.ts';
import { receiptOf } from './vote-answer.ts';

const HoldParams = z.object({ holdId: z.string() });

export function addHoldRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const middleware = [signedIn(deps), uniqueNames];
  const common = { middleware, security: SECURITY, tags: ['holds'] };

  app.openapi(
    createRoute({
      ...common,
      method: 'get',
      path: '/holds',
      operationId: 'listHolds',
      summary: 'The open holds that the caller may decide, most urgent first',
      request: { query: ListQuery },
      responses: { 200: json(listOf(HoldItem), 'Holds'), ...problems(422) },
    }),
    async (c) => {
      const caller = c.get('caller');
      const { limit, next } = c.req.valid('query');
      const now = deps.now().toISOString();
      const page = await collect({
        limit,
        next,
        cursors: cursors(await deps.secret(), 'holds'),
        read: (options) => deps.rows.due('hold', undefined, options),
        keep: (row) => (mayDecide(row, caller) && now <= row.expiresAt ? itemOf(deps, row) : undefined),
      });
      return c.json({ ...page, items: mostUrgentFirst(page.items) }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...common,
      method: 'get',
      path: '/holds/{holdId}',
      operationId: 'getHold',
      summary: 'One hold: what would be done, in full, and how it stands',
      request: { params: HoldParams },
      responses: { 200: json(HoldDetail, 'The hold'), ...problems(404) },
    }),
    async (c) => {
      const caller = c.get('caller');
      const view = await visibleHold(deps, c.req.valid('param').holdId, caller);
      return c.json(await detailOf(deps, view, caller), 200);
    },
  );

  app.openapi(
    createRoute({
      ...common,
      method: 'post',
      path: '/holds/{holdId}/votes',
      operationId: 'castVote',
      summary: 'Decides on a hold; the same vote again gets the same receipt',
      request: { params: HoldParams, body: body(VoteRequest) },
      responses: {
        200: json(Receipt, 'The vote is recorded'),
        ...problems(400, 404, 409, 410, 413, 415, 422),
      },
    }),
    async (c) => {
      const caller = c.get('caller');
      const view = await visibleHold(deps, c.req.valid('param').holdId, caller);
      const vote = c.req.valid('json');
      const { to, challenge, shown, decision, digest, args, answer, comment } = vote;
      mustFit(grantErrors(deps, view, vote));
      const decided = await decide(deps, view, caller, {
        via: 'token',
        decision,
        digest,
        challenge,
        shown,
        ...(args === undefined ? {} : { args: args as never }),
        ...(answer === undefined ? {} : { answer }),
        ...(to === undefined ? {} : { to }),
        ...(comment === undefined ? {} : { comment }),
      });
      const receipt = receiptOf(view, decided);
      if (decision === 'delegate') await tellDelegate(deps, view, to);
      // An approval that somebody else's decision overtook keeps its receipt, and allows nothing in advance.
      const grantId =
        receipt.status === 'approved' ? await grantWithVote(deps, view, caller, vote) : undefined;
      return c.json({ ...receipt, ...(grantId === undefined ? {} : { grantId }) }, 200);
    },
  );
}

/**
 * The inbox is the truth: the vote stands whether or not they hear of it. Through the channels that failed the
 * reconciler tells everybody once more who may decide, and so them too.
 */
async function tellDelegate(deps: ApiDeps, view: HoldView, to: string | undefined): Promise<void> {
  const { at, hold, tool, holdId } = view;
  try {
    await deps.notify?.([{ about: 'delegated', at, hold, agent: view.run.agent, tool, only: to }]);
  } catch (error) {
    deps.report('a delegate could not be told', { holdId, error });
    const due = deps.now().getTime() + SETTLING_MS;
    await deps.rows.change('hold', holdId, { untold: untoldBy(error), due });
  }
}

/** Pages come by when a row needs attention, which is soon for one that was just opened or voted on; a page is by expiry. */
export const mostUrgentFirst = <Item extends { readonly expiresAt: string }>(
  items: readonly Item[],
): Item[] => items.toSorted((a, b) => Date.parse(a.expiresAt) - Date.parse(b.expiresAt));

/** Whom a row's hold waits for; the vote itself is checked against the journal. */
export const mayDecide = (row: HoldRow, { id, groups }: Member): boolean =>
  !row.excluded.includes(id) && groups.some((group) => row.groups.includes(group));

/** Named field by field: a row also holds the callback tokens, which nobody may see (T7). */
export function itemOf(deps: ApiDeps, row: HoldRow): z.infer<typeof HoldItem> {
  const { id, runId, actionId, agent, tool, asks, args, digest, tier, route, level, openedAt, expiresAt } =
    row;
  const definition = deps.tools.agent(agent)?.tools.find(({ name }) => name === tool);
  const { title } = factsOf(tool, definition, args);
  return {
    holdId: id,
    runId,
    actionId,
    agent,
    tool,
    asks,
    title,
    args,
    digest,
    tier,
    route,
    level,
    openedAt,
    expiresAt,
    status: 'open',
  };
}

/** @throws HttpProblem the same 404 for an unknown hold as for one that is not the caller's to see (T29) */
async function visibleHold(deps: ApiDeps, holdId: string, caller: Member): Promise<HoldView> {
  const at = parseHoldId(holdId);
  const view = at && (await readHoldView(deps, at));
  if (!view || !maySeeHold(view, caller)) throw notFound();
  return view;
}

async function detailOf(deps: ApiDeps, view: HoldView, caller: Member): Promise<z.infer<typeof HoldDetail>> {
  const { hold, run, at, settled, status } = view;
  const may = status === 'open' && barred(hold, caller) === undefined;
  const challenge =
    may && needsChallenge(hold.tier, 'token')
      ? challengeOf(await deps.secret(), challengeFor(view, caller))
      : undefined;
  const shown =
    may && (deps.dwellSeconds ?? 0) > 0 && needsDwell(hold.tier, 'approve')
      ? shownAt(await deps.secret(), challengeFor(view, caller), deps.now())
      : undefined;
  return {
    holdId: view.holdId,
    runId: at.runId,
    actionId: at.actionId,
    agent: run.agent,
    tool: view.tool,
    title: factsOf(view.tool, view.definition, view.args).title,
    args: view.args,
    digest: hold.digest,
    tier: hold.tier,
    route: hold.route,
    level: hold.level,
    openedAt: hold.at,
    expiresAt: hold.expiresAt,
    status,
    asks: hold.asks,
    why: hold.why,
    requester: run.requester,
    ...(hold.observed ? { observed: hold.observed } : {}),
    ...(view.evidence ? { evidence: view.evidence } : {}),
    ...(hold.choices ? { choices: hold.choices } : {}),
    decisions: may ? decisionsOn(hold) : [],
    groups: hold.groups,
    quorum: hold.quorum,
    distinctGroups: hold.distinctGroups,
    fourEyes: hold.fourEyes,
    ...(hold.next === undefined ? {} : { next: hold.next }),
    onExpiry: hold.onExpiry,
    votes: viewVotes(view.votes),
    ...(settled ? { settledAt: settled.body.at } : {}),
    ...(settled?.body.answer === undefined ? {} : { answer: settled.body.answer }),
    ...(challenge === undefined ? {} : { challenge }),
    ...(shown === undefined ? {} : { shown }),
  };
}
