import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import type { Item } from '../../lambdas/journal/journal.ts';
import type { Body } from '../../lambdas/journal/records.ts';
import type { ModelAnswer } from '../../lambdas/model/model.ts';
import type { Routes } from '../../lambdas/oversight/route.ts';
import type { Workflow } from '../../lambdas/workflow-client.ts';
import { createDynamoDB } from '../../lib/local/dynamodb.ts';
import { TABLE_SPECS, TABLES } from '../../lib/local/layout.ts';
import { PEOPLE } from '../../lib/local/people.ts';
import type { Code } from './code.ts';
import { type Coming, replayed } from './tools.ts';

/** A record that the code of today has written. */
export interface Written {
  readonly sk: string;
  readonly pk: string;
  readonly body: Body;
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** The functions over a real store in memory, with the outside replaced by what was recorded of it. */
export async function openWorld(code: Code) {
  const database = await createDynamoDB();
  await database.createTables(TABLE_SPECS);
  const dynamodb = DynamoDBDocumentClient.from(database.client(), {
    marshallOptions: { removeUndefinedValues: true },
  });
  for (const Item of SAMPLE_CUSTOMERS)
    await dynamodb.send(new PutCommand({ TableName: TABLES.customers, Item }));

  const clock = { ms: 0 };
  const now = () => new Date(clock.ms);
  const journal = new code.Journal({ dynamodb, table: TABLES.journal, now });
  const rows = new code.Rows({ dynamodb, table: TABLES.rows });
  let coming: Coming | undefined;
  const agents = [
    replayed(code, code.support, () => {
      if (!coming) throw new Error('nothing is replayed');
      return coming;
    }),
  ];
  const { routes, suspiciousRoute, createGate, ToolBox, listedDirectory } = code;
  const gateOf = new Map<Routes, ReturnType<typeof createGate>>();
  const tools = new ToolBox({ agents, dynamodb, env: { CUSTOMERS_TABLE: TABLES.customers } });
  let status: Awaited<ReturnType<Workflow['status']>> = 'running';
  const workflow: Workflow = {
    start: async () => {},
    status: async () => status,
    deliver: async () => 'taken',
  };
  let answer: () => Promise<ModelAnswer> = async () => Promise.reject(new Error('no answer was recorded'));

  const written: Written[] = [];
  const put = journal.put.bind(journal);
  journal.put = async (runId, key, body, after) => {
    const made = await put(runId, key, body, after);
    if (made.written)
      written.push({ pk: code.partition(key.power, runId), sk: key.sk, body: made.record.body });
    return made;
  };

  return {
    clock,
    now,
    rows,
    tools,
    workflow,
    /** Everything that a function could want. */
    deps: (own: Routes | undefined) => {
      const table = own ?? routes;
      const gate = gateOf.get(table) ?? createGate({ agents, routes: table, suspiciousRoute });
      gateOf.set(table, gate);
      return {
        journal,
        rows,
        now,
        gate,
        tools,
        routes: table,
        workflow,
        directory: listedDirectory(PEOPLE),
        policyVersion: gate.policyVersion,
        priceOf: () => undefined,
        notify: async () => {},
        report: () => {},
        processId: 'replay',
        isGone: () => true,
        doubtRoute: 'in-doubt',
        functionOf: () => 'perform',
        modelOf: () => ({ name: 'replayed', next: () => answer() }),
        modelMs: 1_000,
        rounds: 1_000_000,
      };
    },
    answers: (next: typeof answer) => {
      answer = next;
    },
    executionIs: (now: typeof status) => {
      status = now;
    },
    expect: (what: Coming) => {
      coming = what;
    },
    /** Takes back what was written since the last time, and says what it was. */
    async takeBack(): Promise<readonly Written[]> {
      const made = written.splice(0);
      for (const { pk, sk } of made)
        await dynamodb.send(new DeleteCommand({ TableName: TABLES.journal, Key: { pk, sk } }));
      return made;
    },
    store: (item: Item) => dynamodb.send(new PutCommand({ TableName: TABLES.journal, Item: item })),
    close: () => database.close(),
  };
}
