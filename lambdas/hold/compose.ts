import type { Environment } from '../environment.ts';
import { notifyIn } from '../notify/notify.ts';
import { HoldInput, hold } from './hold.ts';

export function composeHold(environment: Environment) {
  const deps = { ...environment, workflow: environment.workflow(), notify: notifyIn(environment) };
  return (event: unknown) => hold(deps, HoldInput.parse(event));
}
