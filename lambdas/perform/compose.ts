import { DOUBT_ROUTE } from '../application.ts';
import type { Environment } from '../environment.ts';
import { PositionAtStep } from '../workflow.ts';
import { perform } from './perform.ts';

/** One function for each tool, from one factory: it refuses every other tool's action. */
export function composePerform(environment: Environment, tool = environment.required('HOLDPOINT_TOOL')) {
  const deps = {
    ...environment,
    gate: environment.gate(),
    tool,
    open: new Set<string>(),
    doubtRoute: DOUBT_ROUTE,
  };
  return (event: unknown) => perform(deps, PositionAtStep.parse(event));
}
