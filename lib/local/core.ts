import { randomUUID } from 'node:crypto';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Agent } from '../../lambdas/agents/agent.ts';
import { marathon } from '../../lambdas/agents/marathon.ts';
import { support } from '../../lambdas/agents/support.ts';
import { type Environment, environment, type Surroundings } from '../../lambdas/environment.ts';
import { composeExpire } from '../../lambdas/expire/compose.ts';
import { composeHold } from '../../lambdas/hold/compose.ts';
import type { Notifier } from '../../lambdas/notify/notify.ts';
import type { Report } from '../../lambdas/observe/report.ts';
import { reportFailure } from '../../lambdas/observe/report-failure.ts';
import { listedDirectory } from '../../lambdas/oversight/directory.ts';
import type { Route } from '../../lambdas/oversight/route.ts';
import { routes, suspiciousRoute } from '../../lambdas/oversight/routes.ts';
import { composePerform } from '../../lambdas/perform/compose.ts';
import { composePlan } from '../../lambdas/plan/compose.ts';
import { composeReconcile } from '../../lambdas/reconcile/compose.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { TABLE_SPECS, TABLES } from './layout.ts';
import { openPeople } from './people.ts';
import { createStepFunctions, type StepFunctions, type StepFunctionsOptions } from './step-functions.ts';
import { localFunctionArn, synthesisedDefinition } from './synthesised-definition.ts';

export interface CoreOptions {
  /** The data folder: its path, or opened already. */
  readonly data: string | DataFolder;
  readonly publicUrl: string;
  readonly sandboxUrl: string;
  readonly notifier: Notifier;
  /** Told of what happens. */
  readonly report: Report;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly agents?: readonly Agent[];
  readonly routes?: Readonly<Record<string, Route>>;
  readonly now?: () => Date;
  readonly retryMs?: number;
  /** Told of everything that happens in an execution. */
  readonly onEvent?: StepFunctionsOptions['onEvent'];
  /** Puts itself between the functions and the outside: for tests of faults. */
  readonly wrap?: (around: Surroundings) => Surroundings;
}

/** The functions, the state machine and the tables, in this process: everything but HTTP. */
export interface Core {
  readonly environment: Environment;
  readonly folder: DataFolder;
  readonly stepFunctions: StepFunctions;
  readonly people: ReturnType<typeof openPeople>;
  readonly reconcile: ReturnType<typeof composeReconcile>;
  /** Ends what runs and lets go of the data folder. */
  stop(): Promise<void>;
}

const PERFORM = 'perform-';

/** Opens a data folder and composes the real functions over it; starts nothing yet. Throws `DataFolderInUse`. */
export async function openCore(options: CoreOptions): Promise<Core> {
  const agents = options.agents ?? [support, marathon];
  const folder = typeof options.data === 'string' ? await openDataFolder(options.data) : options.data;
  try {
    const people = openPeople(folder.path);
    await folder.dynamodb.createTables(TABLE_SPECS);
    const now = options.now ?? (() => new Date());
    const functions = new Map<string, (payload: unknown) => Promise<unknown>>();
    const stepFunctions = createStepFunctions({
      definition: synthesisedDefinition(),
      invoke: async (name, payload) => {
        const called = functions.get(name);
        if (!called) throw new Error(`there is no function ${name}`);
        try {
          return (await called(payload)) as never;
        } catch (error) {
          reportFailure(options.report, payload, error);
          throw error;
        }
      },
      ...(options.retryMs === undefined ? {} : { retryMs: options.retryMs }),
      ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    });
    const tools = new Set(agents.flatMap((agent) => agent.tools.map(({ name }) => name)));
    const processId = randomUUID();
    const around: Surroundings = {
      dynamodb: DynamoDBDocumentClient.from(folder.dynamodb.client(), {
        marshallOptions: { removeUndefinedValues: true },
      }),
      sfn: stepFunctions.client(),
      env: {
        ...options.env,
        JOURNAL_TABLE: TABLES.journal,
        ROWS_TABLE: TABLES.rows,
        CUSTOMERS_TABLE: TABLES.customers,
        SANDBOX_URL: options.sandboxUrl,
        STATE_MACHINE_ARN: stepFunctions.stateMachineArn,
        PUBLIC_URL: options.publicUrl,
        PERFORM_FUNCTIONS: JSON.stringify(
          Object.fromEntries([...tools].map((tool) => [tool, localFunctionArn(PERFORM + tool)])),
        ),
      },
      agents,
      routes: options.routes ?? routes,
      suspiciousRoute,
      directory: listedDirectory(people.members),
      notifier: options.notifier,
      linkKeys: async () => people.linkKeys,
      now,
      report: options.report,
      processId,
      // The data folder is open in one process at a time: whoever else wrote an intent is gone.
      isGone: (other) => other !== processId,
    };
    const made = environment(options.wrap?.(around) ?? around);
    functions.set('plan', composePlan(made));
    functions.set('hold', composeHold(made));
    functions.set('expire', composeExpire(made));
    for (const tool of tools) functions.set(PERFORM + tool, composePerform(made, tool));
    return {
      environment: made,
      folder,
      stepFunctions,
      people,
      reconcile: composeReconcile(made),
      stop: async () => {
        await stepFunctions.stop();
        await folder.close();
      },
    };
  } catch (error) {
    await folder.close();
    throw error;
  }
}
