import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createSandbox } from './app.ts';
import { openFileLedger } from './file-ledger.ts';

export interface SandboxServerOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** Where the ledger lies. */
  readonly file: string;
  readonly delayMs?: number;
}

/** Serves the sandbox downstream on the loopback interface; rejects when the port is taken. */
export const startSandbox = async ({ port, file, delayMs = 0 }: SandboxServerOptions) => {
  const ledger = openFileLedger(file);
  const server = createAdaptorServer({ fetch: createSandbox({ ledger, delayMs }).fetch }) as Server;
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    ledger.close();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async (): Promise<void> => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      ledger.close();
    },
  };
};
