import type { MiddlewareHandler } from 'hono';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { HttpProblem } from './problem.ts';

/** Lets members of the directory in, before anything of the request is looked at. */
export const signedIn =
  (deps: ApiDeps): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const { headers } = c.req.raw;
    const who = await deps.identity(headers);
    if (who === undefined) {
      const given = headers.has('authorization');
      throw new HttpProblem(401, given ? 'this token is not known, or has expired' : 'a token is needed', {
        headers: {
          'www-authenticate': `Bearer realm="holdpoint"${given ? ', error="invalid_token"' : ''}`,
        },
      });
    }
    const caller = await deps.directory.find(who);
    if (!caller) throw new HttpProblem(403, 'you are not in the directory');
    c.set('caller', caller);
    await next();
  };
