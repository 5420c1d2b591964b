import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite/db/index.js';
import { serveDynalite } from './dynalite-operations.ts';
import { answer, type Serve } from './in-process-client.ts';
import { quicken } from './quick-level.ts';
import { ServiceError } from './service-error.ts';
import { shortDynamoDBClient } from './short-client.ts';
import { createTables, type TableSpec } from './tables.ts';

export interface DynamoDB {
  /** An SDK client whose requests never leave the process. */
  client(): DynamoDBClient;
  /** Creates those that are not there yet. */
  createTables(tables: readonly TableSpec[]): Promise<void>;
  /** Opens an endpoint on 127.0.0.1, for tools to look in. It asks nobody who they are. @returns its URL */
  listen(port?: number): Promise<string>;
  /** Told once a write has failed, on a full disk say: from then on none is taken, until it is opened anew. */
  readonly broken: Promise<Error>;
  /** Answers what is under way, then lets go of the files. */
  close(): Promise<void>;
}

/** Another process, or this one, has this database open. */
export class DatabaseInUse extends Error {
  override readonly name = 'DatabaseInUse';
}

/**
 * DynamoDB on dynalite: on disk at `path`, else in memory. Writes outlive the process, kill -9 included, once they are
 * answered; they are handed to the operating system, not forced to the disk, so a power cut may take the last ones.
 * Throws `DatabaseInUse`.
 */
export async function createDynamoDB(options: { readonly path?: string } = {}): Promise<DynamoDB> {
  const { promise: broken, resolve: onBroken } = Promise.withResolvers<Error>();
  const store = quicken(
    dynalite.create({ ...options, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }),
    onBroken,
  );
  await store.db.open().catch((error: Error) => {
    if (isLocked(error.cause)) throw new DatabaseInUse(`${options.path} is in use`, { cause: error });
    throw error;
  });

  const dynalitely = serveDynalite(store);
  const underWay = new Set<Promise<unknown>>();
  let closed = false;
  const serve: Serve = (operation, input) => {
    if (closed) throw new ServiceError('DatabaseClosed', 'The local DynamoDB is closed');
    const output = Promise.resolve(dynalitely(operation, input)).finally(() => underWay.delete(output));
    underWay.add(output);
    return output;
  };

  const clients: DynamoDBClient[] = [];
  const client = () => {
    const made = shortDynamoDBClient(serve);
    clients.push(made);
    return made;
  };
  let server: Server | undefined;

  return {
    client,
    broken,
    createTables: (tables) => createTables(store, serve, tables),
    listen: async (port = 0) => {
      server ??= createEndpoint(serve);
      await once(server.listen(port, '127.0.0.1'), 'listening');
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    close: async () => {
      if (closed) return;
      closed = true;
      server?.close();
      server?.closeAllConnections();
      await Promise.allSettled(underWay);
      await store.db.close();
      for (const made of clients) made.destroy();
    },
  };
}

const isLocked = (cause: unknown) =>
  cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';

/** Refuses foreign host names, so that a web page cannot reach it by pointing its own name here. */
const createEndpoint = (serve: Serve) =>
  createServer(async (request, response) => {
    const host = request.headers.host?.replace(/:\d+$/, '');
    if (request.method !== 'POST' || (host !== '127.0.0.1' && host !== 'localhost')) {
      response.writeHead(403).end();
      return;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = { 'x-amz-target': String(request.headers['x-amz-target'] ?? '') };
    const {
      statusCode,
      headers: answered,
      body,
    } = await answer(serve, { headers, body: Buffer.concat(chunks) });
    response.writeHead(statusCode, answered).end(body);
  });
