import { STATUS_CODES } from 'node:http';

/** An RFC 9457 problem document. */
export const problem = (status: number, detail: string): Response =>
  new Response(JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail }), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  });
