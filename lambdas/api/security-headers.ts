import type { MiddlewareHandler } from 'hono';
import { STYLE_HASH } from './pages/style.ts';

const policy = (style: string) =>
  `default-src 'none'; ${style}form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

const FOR_PAGES = policy(`style-src '${STYLE_HASH}'; `);
const FOR_DATA = policy('');

const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // With no-referrer a form's Origin would be null, and could not be checked.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000',
  'cache-control': 'no-store',
};

/** Those of an answer that is no page. */
export const HEADERS_OF_DATA = { ...ALWAYS, 'content-security-policy': FOR_DATA };

/** On every answer, errors included: no scripts at all, no framing (T15, T20), and nothing is kept. */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  const page = c.res.headers.get('content-type')?.startsWith('text/html') ?? false;
  c.res.headers.set('content-security-policy', page ? FOR_PAGES : FOR_DATA);
  for (const [name, value] of Object.entries(ALWAYS)) c.res.headers.set(name, value);
};
