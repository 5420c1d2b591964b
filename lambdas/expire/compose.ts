import type { Environment } from '../environment.ts';
import { PositionAtStep } from '../workflow.ts';
import { expire } from './expire.ts';

export function composeExpire(environment: Environment) {
  return (event: unknown) => expire(environment, PositionAtStep.parse(event));
}
