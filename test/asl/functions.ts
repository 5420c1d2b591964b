import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '../../lambdas/json.ts';

/** Called with a function's name, the last part of its ARN, and its payload. */
export type Invoke = (name: string, payload: Json) => Promise<Json | undefined>;

/** Thrown by {@link Invoke}: Lambda itself refuses, and the function did not run. */
export class LambdaRefuses extends Error {
  override readonly name = 'LambdaRefuses';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Answers Lambda's Invoke on 127.0.0.1. An error that a function throws is its error, by name, as Lambda reports it. */
export async function serveFunctions(invoke: Invoke): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => void answer(invoke, request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(invoke: Invoke, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (status: number, body: unknown, headers: Record<string, string> = {}) =>
    response
      .writeHead(status, { 'content-type': 'application/json', 'x-amzn-requestid': 'test', ...headers })
      .end(JSON.stringify(body ?? null));
  const name =
    decodeURIComponent(PATH.exec(request.url ?? '')?.[1] ?? '')
      .split(':')
      .at(-1) ?? '';
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    send(200, await invoke(name, JSON.parse(Buffer.concat(chunks).toString() || 'null')));
  } catch (error) {
    if (error instanceof LambdaRefuses) {
      send(error.status, { Type: 'User', Message: error.code }, { 'x-amzn-errortype': error.code });
      return;
    }
    const { name: errorType, message } = error instanceof Error ? error : new Error(String(error));
    send(200, { errorType, errorMessage: message }, { 'x-amz-function-error': 'Unhandled' });
  }
}
