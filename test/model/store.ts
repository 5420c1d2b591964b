import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { holds, type Item, update } from './store-update.ts';

/** What the network between a function and the store may do to one call. */
export type StoreFault = 'throttled' | 'acknowledgement lost';

export interface Store {
  /** A client of one process; `before` is where that process waits its turn, and may die. */
  readonly client: (before: (what: string) => Promise<void>) => DynamoDBDocumentClient;
  readonly items: (table: string) => readonly Item[];
  /** Writes past every condition, as an overwriting put would. */
  readonly overwrite: (table: string, item: Item) => void;
  readonly remove: (table: string, key: Item) => void;
}

export interface StoreOptions {
  /** The fault of the n-th call, where it has one. */
  readonly fault: (call: number) => StoreFault | undefined;
  readonly written: (table: string, item: Item, before: Item | undefined) => void;
}

/** The commands that the journal and the rows use, with their conditions enforced and every item read consistently. */
export function createStore(options: StoreOptions): Store {
  const tables = new Map<string, Map<string, Item>>();
  let calls = 0;

  const table = (name: string | undefined): Map<string, Item> => {
    if (!name) throw new Error('a command without a table');
    const found = tables.get(name) ?? new Map<string, Item>();
    tables.set(name, found);
    return found;
  };
  const idOf = ({ pk, sk }: Item) => `${pk}\n${sk}`;
  const write = (name: string, item: Item) => {
    const before = table(name).get(idOf(item));
    table(name).set(idOf(item), item);
    options.written(name, item, before);
  };

  const put = ({ input }: PutCommand) => {
    const item = input.Item as Item;
    if (!holds(table(input.TableName).get(idOf(item)), input)) throw refused();
    write(input.TableName as string, { ...item });
    return {};
  };

  const change = ({ input }: UpdateCommand) => {
    const key = input.Key as Item;
    const before = table(input.TableName).get(idOf(key));
    if (!holds(before, input)) throw refused();
    const after = update(before ?? key, input);
    write(input.TableName as string, after);
    return { Attributes: { ...after } };
  };

  const query = ({ input }: QueryCommand) => {
    const { KeyConditionExpression: condition, ExpressionAttributeValues: values = {} } = input;
    const sort = { 'by-due': 'due', 'by-at': 'at' }[input.IndexName ?? ''] ?? 'sk';
    const found = [...table(input.TableName).values()].filter((item) => {
      if (item.pk !== values[':pk'] || item[sort] === undefined) return false;
      switch (condition) {
        case 'pk = :pk':
          return true;
        case 'pk = :pk AND begins_with(sk, :sk)':
          return item.sk.startsWith(values[':sk']);
        case 'pk = :pk AND due <= :by':
          return (item.due as number) <= values[':by'];
        default:
          throw unknown(condition);
      }
    });
    found.sort((a, b) => ((a[sort] as string) < (b[sort] as string) ? -1 : 1));
    return { Items: found.map((item) => ({ ...item })) };
  };

  const run = (command: unknown): unknown => {
    if (command instanceof PutCommand) return put(command);
    if (command instanceof UpdateCommand) return change(command);
    if (command instanceof QueryCommand) return query(command);
    if (command instanceof GetCommand) {
      const item = table(command.input.TableName).get(idOf(command.input.Key as Item));
      return item ? { Item: { ...item } } : {};
    }
    if (command instanceof DeleteCommand) {
      const key = idOf(command.input.Key as Item);
      if (!holds(table(command.input.TableName).get(key), command.input)) throw refused();
      table(command.input.TableName).delete(key);
      return {};
    }
    throw unknown(command);
  };

  /** Each item is read consistently, and all of them at no one moment: here in two parts, either part first. */
  const several = async ({ input }: BatchGetCommand, between: () => Promise<void>, turned: boolean) => {
    const [[name, { Keys = [] }] = ['', {}]] = Object.entries(input.RequestItems ?? {});
    const found: Item[] = [];
    const part = (of: (n: number) => boolean) => {
      for (const key of Keys.filter((_, n) => of(n))) {
        const item = table(name).get(idOf(key as Item));
        if (item) found.push({ ...item });
      }
    };
    const middle = Math.ceil(Keys.length / 2);
    part((n) => n < middle !== turned);
    if (Keys.length > 1) await between();
    part((n) => n < middle === turned);
    return { Responses: { [name]: found } };
  };

  const client = (before: (what: string) => Promise<void>) => ({
    send: async (command: object) => {
      await before(labelOf(command));
      const call = calls++;
      const fault = options.fault(call);
      if (fault === 'throttled') {
        throw Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' });
      }
      if (command instanceof BatchGetCommand)
        return several(command, () => before('goes on reading'), call % 2 === 1);
      const answer = run(command);
      // The SDK hears nothing and sends the same again (F22).
      return fault === 'acknowledgement lost' ? run(command) : answer;
    },
  });

  return {
    client: (before) => client(before) as unknown as DynamoDBDocumentClient,
    items: (name) => [...table(name).values()],
    overwrite: (name, item) => void table(name).set(idOf(item), item),
    remove: (name, key) => void table(name).delete(idOf(key)),
  };
}

const labelOf = (command: object) => {
  const { input } = command as { input: { Item?: Item; Key?: Item; TableName?: string } };
  const key = input.Item ?? input.Key;
  return `${command.constructor.name.replace('Command', '')} ${key?.sk ?? input.TableName ?? ''}`;
};

const refused = () => new ConditionalCheckFailedException({ message: 'refused', $metadata: {} });
const unknown = (what: unknown) => new Error(`the fake store does not know ${JSON.stringify(what)}`);
