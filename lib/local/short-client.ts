import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as sfn from '@aws-sdk/client-sfn';
import { inProcessClient, type Serve } from './in-process-client.ts';
import { ServiceError } from './service-error.ts';

/*
 * SDK clients that hand their input over as it is, without JSON in between: a tenth of the time of `inProcessClient`,
 * and most of what a request costs here. Commands, marshalling, middleware and exceptions are the SDK's own.
 */

/** What stands between a command and its service, and has nothing to do where both are in one process. */
const IDLE = [
  'contentLengthMiddleware',
  'getUserAgentMiddleware',
  'hostHeaderMiddleware',
  'httpAuthSchemeMiddleware',
  'httpSigningMiddleware',
  'loggerMiddleware',
  'recursionDetectionMiddleware',
  'retryMiddleware',
];

/** Binary attributes are refused, and dates in descriptions of tables are numbers. */
export function shortDynamoDBClient(serve: Serve): dynamodb.DynamoDBClient {
  const client = new dynamodb.DynamoDBClient(inProcessClient(serve));
  const { middlewareStack } = client;
  for (const name of IDLE) middlewareStack.remove(name);
  // The document client marshals before the one and unmarshals before the other, going by their names. What every
  // command brings along itself, looking up its endpoint, comes after both, and is never reached.
  middlewareStack.add((next) => (args) => next(args), {
    name: 'serializerMiddleware',
    step: 'serialize',
    override: true,
  });
  middlewareStack.addRelativeTo(
    (_: unknown, { commandName = '' }: { commandName?: string }) =>
      async ({ input }: { input: object }) => ({
        output: (await call(serve, commandName, input, dynamodb)) as never,
        response: {},
      }),
    {
      name: 'deserializerMiddleware',
      relation: 'before',
      toMiddleware: 'endpointV2Middleware',
      override: true,
    },
  );
  return client;
}

/** What every run asks of Step Functions; all else goes the long way. */
const SHORT = [
  'StartExecution',
  'DescribeExecution',
  'SendTaskSuccess',
  'SendTaskFailure',
  'SendTaskHeartbeat',
];

export function shortSFNClient(serve: Serve): sfn.SFNClient {
  const client = new sfn.SFNClient(inProcessClient(serve));
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!SHORT.some((name) => commandName === `${name}Command`)) return next(args);
        const output = await call(serve, commandName, args.input, sfn);
        return { output: { ...output, ...datesOf(output) } as never, response: {} };
      },
    { name: 'short', step: 'initialize', priority: 'low' },
  );
  for (const name of IDLE) client.middlewareStack.remove(name);
  return client;
}

/** The protocol counts seconds. */
const datesOf = (output: object) =>
  Object.fromEntries(
    Object.entries(output).flatMap(([name, value]) =>
      name.endsWith('Date') && typeof value === 'number' ? [[name, new Date(value * 1000)]] : [],
    ),
  );

async function call(serve: Serve, commandName: string, input: object, sdk: object) {
  try {
    // dynalite takes away from an input what it does not know.
    return { ...(await serve(commandName.replace(/Command$/, ''), { ...input })), $metadata: {} };
  } catch (error) {
    throw exceptionOf(error, sdk);
  }
}

/** The SDK's exception for what the service would answer. */
function exceptionOf(error: unknown, sdk: object): Error {
  const { name, message, status } =
    error instanceof ServiceError ? error : new ServiceError('InternalServerError', String(error), 500);
  const type = name.split('#').at(-1) ?? name;
  const options = { message, $metadata: { httpStatusCode: status } };
  const Known = (sdk as Record<string, unknown>)[type];
  return typeof Known === 'function'
    ? new (Known as typeof dynamodb.InternalServerError)(options)
    : new dynamodb.DynamoDBServiceException({
        name: type,
        $fault: status < 500 ? 'client' : 'server',
        ...options,
      });
}
