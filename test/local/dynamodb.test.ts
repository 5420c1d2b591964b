import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveDynalite } from '../../lib/local/dynalite-operations.ts';
import { createDynamoDB } from '../../lib/local/dynamodb.ts';
import { inProcessClient } from '../../lib/local/in-process-client.ts';
import type { TableSpec } from '../../lib/local/tables.ts';

const journal: TableSpec = {
  TableName: 'journal',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
};
const rows: TableSpec = {
  TableName: 'rows',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'kind', AttributeType: 'S' },
    { AttributeName: 'due', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byDue',
      KeySchema: [
        { AttributeName: 'kind', KeyType: 'HASH' },
        { AttributeName: 'due', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'holdpoint-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function opened(path?: string) {
  const dynamodb = await createDynamoDB(path === undefined ? {} : { path });
  onTestFinished(() => dynamodb.close());
  await dynamodb.createTables([journal, rows]);
  return { dynamodb, client: DynamoDBDocumentClient.from(dynamodb.client()) };
}

const putIfAbsent = (pk: string, sk: string, body = '') =>
  new PutCommand({
    TableName: 'journal',
    Item: { pk, sk, body },
    ConditionExpression: 'attribute_not_exists(pk)',
  });

describe('DynamoDB in process', () => {
  it('takes a record once: the second writer is refused by name, and the first one stands', async () => {
    const { client } = await opened();
    await client.send(putIfAbsent('run', 'turn#0001', 'first'));
    await expect(client.send(putIfAbsent('run', 'turn#0001', 'second'))).rejects.toBeInstanceOf(
      ConditionalCheckFailedException,
    );
    const { Item } = await client.send(
      new GetCommand({ TableName: 'journal', Key: { pk: 'run', sk: 'turn#0001' }, ConsistentRead: true }),
    );
    expect(Item).toEqual({ pk: 'run', sk: 'turn#0001', body: 'first' });
  });

  it('lets one of 32 writers win that come at once', async () => {
    const { client } = await opened();
    const writers = Array.from({ length: 32 }, (_, i) => client.send(putIfAbsent('run', 'settled', `${i}`)));
    const outcomes = await Promise.allSettled(writers);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('gets exact keys from two tables in one batch', async () => {
    const { client } = await opened();
    await client.send(putIfAbsent('run', 'turn#0001', 'ä€😀'));
    await client.send(new PutCommand({ TableName: 'rows', Item: { id: 'run', kind: 'run', due: 5 } }));
    const { Responses } = await client.send(
      new BatchGetCommand({
        RequestItems: {
          journal: {
            Keys: [
              { pk: 'run', sk: 'turn#0001' },
              { pk: 'run', sk: 'absent' },
            ],
            ConsistentRead: true,
          },
          rows: { Keys: [{ id: 'run' }] },
        },
      }),
    );
    expect(Responses).toEqual({
      journal: [{ pk: 'run', sk: 'turn#0001', body: 'ä€😀' }],
      rows: [{ id: 'run', kind: 'run', due: 5 }],
    });
  });

  it('queries an index in order, up to a bound', async () => {
    const { client } = await opened();
    for (const due of [30, 4, 200, 17])
      await client.send(new PutCommand({ TableName: 'rows', Item: { id: `row-${due}`, kind: 'hold', due } }));
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: 'rows',
        IndexName: 'byDue',
        KeyConditionExpression: 'kind = :kind AND due <= :now',
        ExpressionAttributeValues: { ':kind': 'hold', ':now': 30 },
      }),
    );
    expect(Items.map(({ due }) => due)).toEqual([4, 17, 30]);
  });

  it('keeps what was written when it is closed and opened again, and its tables too', async () => {
    const path = await temporaryFolder();
    const before = await opened(path);
    await before.client.send(putIfAbsent('run', 'turn#0001'));
    await before.dynamodb.close();
    const { client } = await opened(path);
    await expect(client.send(putIfAbsent('run', 'turn#0001'))).rejects.toBeInstanceOf(
      ConditionalCheckFailedException,
    );
  });

  it('makes usable a table whose creation a killed process left unfinished', async () => {
    const path = await temporaryFolder();
    const killed = await createDynamoDB({ path });
    await killed.client().send(new CreateTableCommand({ ...rows, BillingMode: 'PAY_PER_REQUEST' }));
    await killed.close();
    const { dynamodb, client } = await opened(path);
    await client.send(new PutCommand({ TableName: 'rows', Item: { id: 'run', kind: 'run', due: 5 } }));
    const { Table } = await dynamodb.client().send(new DescribeTableCommand({ TableName: 'rows' }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      GlobalSecondaryIndexes: [{ IndexStatus: 'ACTIVE' }],
    });
  });

  it('answers what is under way before it closes, and refuses what comes later', async () => {
    const { dynamodb, client } = await opened(await temporaryFolder());
    const writes = Array.from({ length: 50 }, (_, i) => client.send(putIfAbsent('run', `${i}`)));
    await new Promise(setImmediate);
    await dynamodb.close();
    const outcomes = await Promise.allSettled(writes);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'DatabaseClosed' });
    await expect(client.send(putIfAbsent('run', 'late'))).rejects.toMatchObject({ name: 'DatabaseClosed' });
  });

  it('names the field of a request that DynamoDB would refuse', async () => {
    const { client } = await opened();
    const empty = client.send(putIfAbsent('', 'turn#0001'));
    await expect(empty).rejects.toMatchObject({ name: 'ValidationException', message: /pk/ });
  });
});

describe('a disk that fails', () => {
  it('is an error of the request, and does not end the process', async () => {
    const full = {
      getTable: (_: string, __: boolean, done: (error: Error) => void) => done(new Error('disk full')),
    };
    const client = new DynamoDBClient({ ...inProcessClient(serveDynalite(full as never)), maxAttempts: 1 });
    await expect(client.send(new DescribeTableCommand({ TableName: 'journal' }))).rejects.toMatchObject({
      name: 'InternalServerError',
      message: /disk full/,
    });
  });
});

describe('the endpoint', () => {
  it('serves other processes on the loopback address', async () => {
    const { dynamodb, client } = await opened();
    await client.send(putIfAbsent('run', 'turn#0001', 'here'));
    const endpoint = await dynamodb.listen();
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const remote = new DynamoDBClient({ endpoint, region: 'local', credentials });
    onTestFinished(() => remote.destroy());
    const { Item } = await DynamoDBDocumentClient.from(remote).send(
      new GetCommand({ TableName: 'journal', Key: { pk: 'run', sk: 'turn#0001' } }),
    );
    expect(Item).toMatchObject({ body: 'here' });
  });

  it('refuses a web page that has pointed its own name at it', async () => {
    const { dynamodb } = await opened();
    const url = new URL(await dynamodb.listen());
    const headers = { host: `evil.example:${url.port}`, 'x-amz-target': 'DynamoDB_20120810.ListTables' };
    const status = await new Promise<number | undefined>((resolve) => {
      const sent = request(url, { method: 'POST', headers }, (response) =>
        resolve(response.resume().statusCode),
      );
      sent.end('{}');
    });
    expect(status).toBe(403);
  });
});
