import { ServiceError } from './service-error.ts';

/** Answers one operation of a JSON service. Throws `ServiceError` for what the service would answer as an error. */
export type Serve = (operation: string, input: unknown) => Promise<object> | object;

export interface Answer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

interface JsonRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/**
 * Configuration for an unchanged AWS SDK client of a JSON service that is served in this process:
 * no socket and no stream, nothing is signed, and no credentials or region are looked up.
 */
export const inProcessClient = (serve: Serve) => ({
  region: 'local',
  endpoint: 'http://localhost',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  httpAuthSchemeProvider: () => [{ schemeId: 'smithy.api#noAuth' }],
  httpAuthSchemes: [
    {
      schemeId: 'smithy.api#noAuth',
      identityProvider: () => async () => ({}),
      signer: { sign: async <Request>(request: Request) => request },
    },
  ],
  requestHandler: {
    handle: async (request: JsonRequest) => ({ response: await answer(serve, request) }),
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    destroy: () => {},
  },
});

/** The JSON 1.0 protocol: the operation is the last part of `X-Amz-Target`, an error's name is its `__type`. */
export async function answer(serve: Serve, request: JsonRequest): Promise<Answer> {
  const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
  try {
    return encode(200, await serve(operation, JSON.parse(textOf(request.body))));
  } catch (error) {
    if (error instanceof ServiceError)
      return encode(error.status, { __type: error.name, message: error.message });
    return encode(500, { __type: 'InternalServerError', message: String(error) });
  }
}

const encode = (statusCode: number, output: object): Answer => ({
  statusCode,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Buffer.from(JSON.stringify(output)),
});

function textOf(body: string | Uint8Array | undefined): string {
  if (body === undefined) return '{}';
  if (typeof body === 'string') return body;
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
}
