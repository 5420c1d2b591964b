import * as z from 'zod';
import { Terminal } from '../errors.ts';
import { argsOf, DOUBT_ANSWERS, type HoldOf, openHold, readBranches } from '../journal/branch.ts';
import { digest } from '../journal/digest.ts';
import { type Journal, record } from '../journal/journal.ts';
import {
  cancelKey,
  type HoldAddress,
  holdId,
  holdKey,
  parseActionId,
  runKey,
  settledKey,
} from '../journal/keys.ts';
import type { BodyOf, Stored } from '../journal/records.ts';
import type { HoldRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';
import type { Notify } from '../notify/notify.ts';
import { untoldBy } from '../notify/untold.ts';
import { countOpen } from '../oversight/budget.ts';
import { deliver, SETTLING_MS } from '../oversight/deliver.ts';
import { tellBy } from '../oversight/notices.ts';
import type { Route, Routes } from '../oversight/route.ts';
import { settle } from '../oversight/settle.ts';
import { routeOf } from '../steps.ts';
import { fitObservation } from '../tools/fit-observation.ts';
import type { ToolBox } from '../tools/tool-box.ts';
import { PositionAtStep } from '../workflow.ts';
import type { Workflow } from '../workflow-client.ts';

/** When the time is nearly over, as a share of it. */
const WARN_AT = 0.9;

export const HoldInput = PositionAtStep.extend({ token: z.string().min(1) });

export interface HoldDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  readonly routes: Routes;
  readonly tools: ToolBox;
  readonly workflow: Workflow;
  /** Tells the approvers; throws where that failed. */
  readonly notify: Notify;
  /** How many open questions of one agent and requester are told of one by one. @default all */
  readonly oneByOne?: number | undefined;
  /** Names this process in the row, as who tells them. */
  readonly processId: string;
  readonly now: () => Date;
}

/**
 * Opens exactly the hold that was named, and leaves the execution waiting on its token.
 *
 * Order: the row with the token, so that a vote which comes at once finds it; the hold's record; the settlement once
 * more, since a retried Hold may come after the vote (F4, F5); then the people. Doing all of it twice changes nothing
 * but the number of tokens.
 */
export async function hold(deps: HoldDeps, input: z.infer<typeof HoldInput>): Promise<{ holdId: string }> {
  const { runId, step, token } = input;
  const { turn, index } = parseActionId(step.actionId);
  const read = await readBranches(deps.journal, runId, turn, [index], [runKey]);
  const run = record(read.records, runKey, 'run');
  const [branch] = read.branches;
  const named = branch?.holds[step.hold];
  if (!run || !branch || !named) throw new Terminal(`no record names hold ${step.hold} of ${step.actionId}`);

  const at = { runId, actionId: step.actionId, hold: step.hold };
  const args = argsOf(branch);
  const body = named.opened?.body ?? (await openingOf(deps, named, branch, run.body));
  const row = await deps.rows.addToken(
    {
      kind: 'hold',
      id: holdId(at),
      runId,
      actionId: step.actionId,
      agent: run.body.agent,
      tool: branch.action.tool,
      asks: body.asks,
      args: args as never,
      digest: body.digest,
      tier: body.tier,
      route: body.route,
      level: body.level,
      groups: body.groups,
      excluded: body.excluded,
      openedAt: named.opened?.body.at ?? deps.now().toISOString(),
      expiresAt: body.expiresAt,
      due: tellBy(body, deps.now()),
      told: 'opening',
      opener: deps.processId,
    },
    token,
  );
  const opened = named.opened
    ? { written: false, record: named.opened }
    : await deps.journal.put(runId, holdKey(at.actionId, at.hold), body, [named.namedBy]);

  const now = await deps.journal.get(runId, [settledKey(at.actionId, at.hold), cancelKey]);
  if (now.size > 0 || openHold(branch) === undefined) {
    const settled = await settle(deps, at);
    if (settled) await deliver(deps, at, settled);
    return { holdId: holdId(at) };
  }
  await tell(deps, at, opened, row, run.body);
  return { holdId: holdId(at) };
}

/**
 * Tells people of a hold that this call has opened. Of one that was there it cannot know whether they were told (F4):
 * where the row does not say so, the reconciler sees to it at once.
 */
async function tell(
  deps: HoldDeps,
  at: HoldAddress,
  opened: { readonly written: boolean; readonly record: Stored<BodyOf<'hold'>> },
  row: HoldRow,
  run: BodyOf<'run'>,
): Promise<void> {
  const now = deps.now();
  if (!opened.written) {
    if (row.told === 'opening') await deps.rows.change('hold', row.id, { due: now.getTime() }, row.due);
    return;
  }
  const { body } = opened.record;
  const { agent, tool } = row;
  // The inbox is the truth: where telling fails, or there is too much to tell, the reconciler does it (F6, T5).
  if (deps.oneByOne !== undefined && (await countOpen(deps.rows, run)) > deps.oneByOne) {
    await deps.rows.change('hold', row.id, { told: 'nobody', due: now.getTime() });
    return;
  }
  try {
    await deps.notify([{ about: 'opened', at, hold: body, agent, tool }]);
  } catch (error) {
    const due = tellBy(body, now, SETTLING_MS);
    await deps.rows.change('hold', row.id, { told: 'nobody', untold: untoldBy(error), due });
    return;
  }
  if (row.tokens.length > 1) await deps.rows.change('hold', row.id, { told: 'opened' });
}

type Opening = Omit<BodyOf<'hold'>, 'v' | 'at' | 'after'>;

async function openingOf(
  deps: HoldDeps,
  named: HoldOf,
  branch: Parameters<typeof argsOf>[0],
  run: BodyOf<'run'>,
): Promise<Opening> {
  const { action } = branch;
  const route = routeOf(deps.routes, named.route);
  const { tool, agent } = deps.tools.find(run.agent, action.tool);
  const args = argsOf(branch);
  const seen = await deps.tools.observe(run.agent, action.tool, args, {
    runId: run.runId,
    actionId: branch.actionId,
  });
  const observed = seen && fitObservation(seen);
  const base = { agent: run.agent, tool: tool.name, toolVersion: action.toolVersion, args: args as never };
  const opensAt = deps.now().getTime();
  const after = (seconds: number) => new Date(opensAt + seconds * 1000).toISOString();
  return {
    kind: 'hold',
    asks: named.asks,
    level: named.level,
    route: named.route,
    tier: named.tier,
    why: named.why,
    digest: digest(observed ? { ...base, observed: observed.version } : base),
    ...(observed ? { observed } : {}),
    ...choicesPart(named.asks, args),
    ...routePart(route),
    excluded: route.fourEyes ? [...new Set([run.requester, agent.owner, ...editorsOf(branch)])] : [],
    remindAt: after(route.limitSeconds * route.remindAt),
    warnAt: after(route.limitSeconds * (route.warnAt ?? WARN_AT)),
    expiresAt: after(route.limitSeconds),
  };
}

const routePart = (route: Route) => ({
  groups: [...route.groups],
  quorum: route.quorum,
  distinctGroups: route.distinctGroups,
  fourEyes: route.fourEyes,
  onExpiry: route.onExpiry,
  ...(route.next === undefined ? {} : { next: route.next }),
});

/** What people may answer: of doubt the three ways out of it, of a question the choices that it gives. */
function choicesPart(asks: HoldOf['asks'], args: unknown): { choices?: string[] } {
  if (asks === 'doubt') return { choices: [...DOUBT_ANSWERS] };
  const choices =
    asks === 'answer' && typeof args === 'object' && args !== null && 'choices' in args && args.choices;
  return Array.isArray(choices) ? { choices: choices.map(String) } : {};
}

/** Whoever wrote an edit does not approve it. */
const editorsOf = (branch: { holds: readonly HoldOf[] }) =>
  branch.holds.flatMap((h) =>
    h.settled?.body.outcome === 'edited' ? h.settled.body.votes.map((vote) => vote.who) : [],
  );
