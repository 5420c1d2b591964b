import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { json } from './answers.ts';
import type { ApiEnv } from './deps.ts';

const DESCRIPTION = `Runs of LLM agents whose risky actions wait for people.

Errors are problem documents (RFC 9457). Lists are \`{items, next?}\`, newest or most urgent first. Identity comes from
the bearer token, or from a link; a body never names who is acting.`;

/** The description of everything above, made from the same schemas that check it. */
export function addOpenApiRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of the user pool; on one machine that of a member of the directory',
  });
  app.openapi(
    createRoute({
      method: 'get',
      path: '/healthz',
      operationId: 'health',
      summary: 'Whether this answers',
      security: [],
      responses: { 200: json(z.object({ status: z.literal('ok') }), 'It does') },
    }),
    (c) => c.json({ status: 'ok' as const }, 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/openapi.json',
      operationId: 'openapi',
      summary: 'This description',
      security: [],
      responses: { 200: json(z.looseObject({ openapi: z.string() }), 'OpenAPI 3.1') },
    }),
    (c) => c.json({ ...document(app) } as never, 200),
  );
}

const document = (app: OpenAPIHono<ApiEnv>) =>
  app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Holdpoint',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0' },
    },
  });
