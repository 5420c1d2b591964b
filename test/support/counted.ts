import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describeCommand } from '../faults/describe-command.ts';

/** A client that says beforehand what it is about to do; what `before` throws is what the caller gets. */
export const counted = (
  client: DynamoDBDocumentClient,
  before: (what: string) => void | Promise<void>,
): DynamoDBDocumentClient =>
  new Proxy(client, {
    get: (of, member) =>
      member !== 'send'
        ? Reflect.get(of, member, of)
        : async (command: never) => {
            await before(describeCommand(command));
            return of.send(command);
          },
  });
