import type { Environment } from '../environment.ts';
import { HoldInput, hold } from './hold.ts';

export function composeHold(environment: Environment) {
  const deps = { ...environment, workflow: environment.workflow(), notify: environment.notify() };
  return (event: unknown) => hold(deps, HoldInput.parse(event));
}
