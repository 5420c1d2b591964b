import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { BodyOf, Stored } from '../journal/records.ts';
import { countDecision, figuresOf } from '../oversight/approvers.ts';
import { json, problems, SECURITY } from './answers.ts';
import { signedIn } from './caller.ts';
import { type ApiDeps, type ApiEnv, isOperator } from './deps.ts';
import type { HoldView } from './hold-view.ts';
import { HttpProblem } from './problem.ts';
import { Approver, listOf } from './schemas.ts';

export function addApproverRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(
    createRoute({
      middleware: signedIn(deps),
      security: SECURITY,
      tags: ['approvers'],
      method: 'get',
      path: '/approvers',
      operationId: 'listApprovers',
      summary: 'How people have decided on approvals so far: for operators',
      responses: { 200: json(listOf(Approver), 'Figures'), ...problems() },
    }),
    async (c) => {
      if (!isOperator(deps, c.get('caller'))) throw new HttpProblem(403, 'operators see figures of people');
      return c.json({ items: (await deps.rows.list('approver')).map(figuresOf) }, 200);
    },
  );
}

/** Counts a vote towards its voter's figures, and raises what looks wrong. The vote stands whether or not this works. */
export async function noteVote(
  deps: ApiDeps,
  { holdId, hold, run }: HoldView,
  { body: { who, decision, at } }: Stored<BodyOf<'vote'>>,
): Promise<void> {
  if (hold.asks !== 'approval') return;
  const seconds = (Date.parse(at) - Date.parse(hold.at)) / 1000;
  const decided = { who, holdId, decision, seconds, canary: run.canary === true, at: new Date(at) };
  try {
    const wrong = await countDecision(deps.rows, decided);
    if (wrong === undefined) return;
    deps.report('an approver seems not to look', { who, holdId, detail: wrong }, { Suspicious: 1 });
  } catch (error) {
    deps.report('a vote was not counted', { who, holdId, error });
  }
}
