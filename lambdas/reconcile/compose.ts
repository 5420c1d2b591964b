import type { Environment } from '../environment.ts';
import { type PassOptions, reconcile } from './reconcile.ts';

export function composeReconcile(environment: Environment) {
  const deps = { ...environment, workflow: environment.workflow(), notify: environment.notify() };
  return (options: PassOptions = {}) => reconcile(deps, options);
}
