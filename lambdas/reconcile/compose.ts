import type { Environment } from '../environment.ts';
import { notifyIn } from '../notify/notify.ts';
import { type PassOptions, reconcile } from './reconcile.ts';

export function composeReconcile(environment: Environment) {
  const deps = { ...environment, workflow: environment.workflow(), notify: notifyIn(environment) };
  return (options: PassOptions = {}) => reconcile(deps, options);
}
