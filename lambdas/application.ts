import { dirname } from 'node:path';
import type { Agent } from './agents/agent.ts';
import { defineRoutes } from './oversight/check-routes.ts';
import type { RouteInput, Routes } from './oversight/route.ts';
import { Problems } from './policy/problem.ts';

/** Where an effect in doubt is asked about. */
export const DOUBT_ROUTE = 'in-doubt';

/**
 * What a deployment is about: who may propose what, who decides, by which policies. One module exports it as
 * `application`; every function's bundle has that module in it, under the name `#application`.
 */
export interface Application {
  /** The file of that module: its `import.meta.filename`. */
  readonly module: string;
  /** The folder of the `*.cedar` files. */
  readonly policies: string;
  readonly agents: readonly Agent[];
  readonly routes: Routes;
  /** Where free text with invisible or reordering characters is looked at, whatever the policy says (T16). */
  readonly suspiciousRoute: string;
}

/** @throws Problems everything wrong with its routes */
export function defineApplication(
  application: Omit<Application, 'policies' | 'routes'> & {
    /** @default the folder of the module */
    readonly policies?: string;
    readonly routes: Readonly<Record<string, RouteInput>>;
  },
): Application {
  const routes = defineRoutes(application.routes);
  const needed = { suspiciousRoute: application.suspiciousRoute, 'effects in doubt': DOUBT_ROUTE };
  const missing = Object.entries(needed).filter(([, name]) => !Object.hasOwn(routes, name));
  if (missing.length > 0)
    throw new Problems(missing.map(([at, name]) => ({ at, message: `there is no route "${name}"` })));
  return { policies: dirname(application.module), ...application, routes };
}
