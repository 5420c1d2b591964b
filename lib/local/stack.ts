import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { createAdaptorServer } from '@hono/node-server';
import type { Agent } from '../../lambdas/agents/agent.ts';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import { composeApi } from '../../lambdas/api/compose.ts';
import { tokenIdentity } from '../../lambdas/api/identity.ts';
import { HttpProblem, problemResponse } from '../../lambdas/api/problem.ts';
import type { Notifier } from '../../lambdas/notify/notify.ts';
import type { Report } from '../../lambdas/observe/report.ts';
import type { Routes } from '../../lambdas/oversight/route.ts';
import { startSandbox } from '../../lambdas/sandbox/start-sandbox.ts';
import { type Core, openCore } from './core.ts';
import { openDataFolder } from './data-folder.ts';
import { TABLES } from './layout.ts';

export interface StackOptions {
  /** The data folder. */
  readonly data: string;
  /** 0 picks free ones. */
  readonly port: number;
  readonly sandboxPort: number;
  readonly sandboxDelayMs: number;
  readonly notifier: Notifier;
  /** Told of what happens. */
  readonly report: Report;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @default the sample's */
  readonly routes?: Routes;
  /** @default the sample's */
  readonly agents?: readonly Agent[];
  /** How often to look for what is due, in milliseconds. @default 2000 */
  readonly reconcileMs?: number;
}

export interface Stack {
  readonly core: Core;
  readonly url: string;
  readonly sandboxUrl: string;
  /** Ends cleanly: what is under way is answered, and everything goes on at the next start. */
  stop(): Promise<void>;
}

/**
 * The local stack: the functions, tables and state machine in this process, the HTTP interface and the sandbox
 * downstream on the loopback interface, and a timer for the reconciler. At its start it takes up every run that is not
 * finished, so being killed at any instant loses nothing.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const closing: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    // The folder first: a second start says that it is in use, and not that a port is taken.
    const folder = await openDataFolder(options.data);
    closing.push(() => folder.close());
    const starting = new HttpProblem(503, 'it is starting: try again in a moment', {
      headers: { 'retry-after': '1' },
    });
    let api = { fetch: async (_: Request) => problemResponse(starting) };
    const server = createAdaptorServer({ fetch: (request: Request) => api.fetch(request) }) as Server;
    server.listen(options.port, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => new Promise((done) => server.close(done).closeAllConnections()));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const sandbox = await startSandbox({
      port: options.sandboxPort,
      file: join(options.data, 'ledger.jsonl'),
      delayMs: options.sandboxDelayMs,
    });
    closing.push(() => sandbox.close());

    const { notifier, report, env, routes, agents } = options;
    const core = await openCore({
      data: folder,
      publicUrl: url,
      sandboxUrl: sandbox.url,
      notifier,
      report,
      env,
      ...(routes ? { routes } : {}),
      ...(agents ? { agents } : {}),
    });
    closing.push(() => core.stop());
    const { dynamodb } = core.environment;
    for (const Item of SAMPLE_CUSTOMERS)
      await dynamodb.send(new PutCommand({ TableName: TABLES.customers, Item }));
    const app = composeApi(core.environment, { identity: tokenIdentity(core.people.tokens), local: true });
    api = { fetch: async (request) => app.fetch(request) };

    const reconciling = every(options.reconcileMs ?? 2000, () => core.reconcile(), report);
    closing.push(reconciling.stop);
    await core.reconcile({ allRuns: true });
    return { core, url, sandboxUrl: sandbox.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Calls something again and again, one call at a time. */
function every(milliseconds: number, call: () => Promise<unknown>, report: Report) {
  let running: Promise<unknown> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = call()
      .catch((error) => report('the reconciler failed', { error, detail: String(error) }, { Errors: 1 }))
      .finally(() => {
        busy = false;
      });
  }, milliseconds);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
