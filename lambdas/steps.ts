import { type Branch, openHold } from './journal/branch.ts';
import type { Route, Routes } from './oversight/route.ts';
import type { Step } from './workflow.ts';

/** Step Functions counts up to 99,999,999 s, and timers on one machine 24.8 days: longer waits are opened anew. */
export const LONGEST_WAIT_SECONDS = 20 * 24 * 3600;

export interface StepDeps {
  readonly routes: Routes;
  readonly now: () => Date;
}

/** What is to be done next for one action, by which function. A cancelled run opens no hold any more: Perform writes why. */
export function stepOf(deps: StepDeps, branch: Branch, cancelled: boolean, performer: string): Step {
  const hold = openHold(branch);
  const waits = hold !== undefined && !cancelled;
  return {
    actionId: branch.actionId,
    next: branch.result || branch.action.ruling.decision === 'deny' ? 'done' : waits ? 'hold' : 'perform',
    hold: branch.holds.at(-1)?.number ?? 0,
    seconds: hold ? wait(hold.opened?.body.expiresAt, routeOf(deps.routes, hold.route), deps.now()) : 1,
    function: performer,
  };
}

/** One second more than is left, so that the hold has expired when the state's time is up. */
function wait(expiresAt: string | undefined, route: Route, now: Date): number {
  const left = expiresAt ? (Date.parse(expiresAt) - now.getTime()) / 1000 : route.limitSeconds;
  return Math.min(Math.max(Math.ceil(left), 0) + 1, LONGEST_WAIT_SECONDS);
}

/** @throws RangeError for a route that is not in the table (any more): the run cannot go on. */
export function routeOf(routes: Routes, name: string): Route {
  const route = routes[name];
  if (!route) throw new RangeError(`there is no route ${JSON.stringify(name)}`);
  return route;
}
