import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { routePath } from 'hono/route';
import { Retryable } from '../errors.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { errorPage } from './pages/error-page.ts';
import { HttpProblem, notFound, problemResponse } from './problem.ts';

/** Whoever follows a link, or opens the inbox, is a person with a browser. */
const isPage = (path: string) => path === '/' || path.startsWith('/h/');

export const answerProblem = (c: Context<ApiEnv>, problem: HttpProblem): Response =>
  isPage(c.req.path) ? errorPage(problem) : problemResponse(problem);

export const answerNotFound = (c: Context<ApiEnv>): Response => answerProblem(c, notFound());

/** Everything that a handler throws. What is not meant for the caller stays inside. */
export const answerError =
  (deps: ApiDeps) =>
  (error: Error, c: Context<ApiEnv>): Response => {
    if (error instanceof HttpProblem) return answerProblem(c, error);
    if (error instanceof HTTPException) return answerProblem(c, fromHono(error));
    const again = mayTryAgain(error);
    // The route's template: a path would carry a link into the log (T7).
    const where = { method: c.req.method, route: routePath(c, -1), error };
    if (again) deps.report('a request could not be served yet', where);
    else deps.report('a request failed', where, { Errors: 1 });
    const problem = again
      ? new HttpProblem(503, 'not now: try again in a moment', { headers: { 'retry-after': '2' } })
      : new HttpProblem(500, 'something failed on our side');
    return answerProblem(c, problem);
  };

function fromHono(error: HTTPException): HttpProblem {
  if (error.status === 415) return new HttpProblem(415, 'the content type is not one that this takes');
  if (error.status === 400) return new HttpProblem(400, 'the body is not JSON');
  return new HttpProblem(error.status, 'the request cannot be served');
}

const THROTTLED = ['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded'];

/** Our own word for it, or the SDK's of a store that is throttled or away. */
function mayTryAgain(error: Error & { $fault?: string; $retryable?: unknown; code?: string }): boolean {
  return (
    error instanceof Retryable ||
    THROTTLED.includes(error.name) ||
    error.$retryable !== undefined ||
    error.$fault === 'server' ||
    ['TimeoutError', 'NetworkingError'].includes(error.name) ||
    ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE'].includes(error.code ?? '')
  );
}
