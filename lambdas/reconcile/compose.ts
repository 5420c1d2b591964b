import type { Environment } from '../environment.ts';
import { reconcile } from './reconcile.ts';

export function composeReconcile(environment: Environment) {
  const deps = { ...environment, workflow: environment.workflow(), notify: environment.notify() };
  return (options: { readonly allRuns?: boolean } = {}) => reconcile(deps, options);
}
