import { createRequire } from 'node:module';
import type { Store } from 'dynalite/db/index.js';
import validations from 'dynalite/validations/index.js';
import { atomically } from './atomic-store.ts';
import type { Serve } from './in-process-client.ts';
import { rememberConditions } from './parsed-conditions.ts';
import { ServiceError } from './service-error.ts';

interface Operation {
  readonly types: Record<string, unknown>;
  readonly custom: unknown;
  readonly run: (store: Store, input: object, done: (error: unknown, output: object) => void) => void;
}

const OPERATIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
];

/** Those that change one item, and its entries in the indices. */
const OF_ONE_ITEM = ['DeleteItem', 'PutItem', 'UpdateItem'];

rememberConditions();
const require = createRequire(import.meta.url);
const operations = new Map(
  OPERATIONS.map((name): [string, Operation] => {
    const file = name.charAt(0).toLowerCase() + name.slice(1);
    return [name, { ...require(`dynalite/validations/${file}`), run: require(`dynalite/actions/${file}`) }];
  }),
);

/**
 * What dynalite's HTTP listener does between request and answer, without the HTTP. One difference is meant: where the
 * listener throws into the event loop (a full disk, a closed database) and ends the process, this answers with a 500.
 */
export const serveDynalite =
  (store: Store): Serve =>
  async (name, input) => {
    const operation = operations.get(name);
    if (!operation) throw new ServiceError('UnknownOperationException', `No operation ${name}`);
    try {
      const checked = validations.checkTypes(input, operation.types);
      validations.checkValidations(checked, operation.types, operation.custom, store);
      return await new Promise<object>((resolve, reject) => {
        const own = OF_ONE_ITEM.includes(name) ? atomically(store) : store;
        operation.run(own, checked, (error, output) => (error ? reject(error) : resolve(output)));
      });
    } catch (error) {
      throw isAnswer(error) ? toServiceError(error) : error;
    }
  };

/** How dynalite throws what DynamoDB would answer. */
interface DynaliteAnswer {
  readonly statusCode: number;
  readonly body: { readonly __type: string; readonly message?: string; readonly Message?: string };
}

const isAnswer = (error: unknown): error is DynaliteAnswer =>
  error instanceof Error && 'statusCode' in error && 'body' in error;

const toServiceError = ({ statusCode, body }: DynaliteAnswer) =>
  new ServiceError(body.__type, body.message ?? body.Message ?? '', statusCode);
