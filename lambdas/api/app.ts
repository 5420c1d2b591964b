import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { addApproverRoutes } from './approver-routes.ts';
import { addAuditRoutes } from './audit-routes.ts';
import { addBrakeRoutes } from './brake-routes.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { answerError, answerNotFound, answerProblem } from './failures.ts';
import { addGrantRoutes } from './grant-routes.ts';
import { addHoldRoutes } from './hold-routes.ts';
import { addInboxRoute } from './inbox-route.ts';
import { addOpenApiRoutes } from './openapi-routes.ts';
import { addPageRoutes } from './page-routes.ts';
import { fieldErrors, HttpProblem, unfit } from './problem.ts';
import { addRunRoutes } from './run-routes.ts';
import { securityHeaders } from './security-headers.ts';

const MOST_BODY = 64 * 1024;

/** The HTTP interface: one app for API Gateway and for the local server. */
export function createApi(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw unfit(...fieldErrors(result.error));
    },
  });
  app.onError(answerError(deps));
  app.notFound(answerNotFound);
  app.use(securityHeaders);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const headers = { allow: methods.join(', ') };
        return answerProblem(c, new HttpProblem(405, `possible: ${headers.allow}`, { headers }));
      },
    }),
  );
  app.use(
    bodyLimit({
      maxSize: MOST_BODY,
      onError: () => {
        throw new HttpProblem(413, `a body may have ${MOST_BODY} bytes`);
      },
    }),
  );
  addRunRoutes(app, deps);
  addAuditRoutes(app, deps);
  addHoldRoutes(app, deps);
  addBrakeRoutes(app, deps);
  addGrantRoutes(app, deps);
  addApproverRoutes(app, deps);
  addPageRoutes(app, deps);
  addInboxRoute(app, deps);
  addOpenApiRoutes(app);
  return app;
}
