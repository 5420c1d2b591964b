import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { startSandbox } from '../../lambdas/sandbox/start-sandbox.ts';
import type { ToolContext } from '../../lambdas/tools/tool.ts';

/** A sandbox downstream for the tests of one file, and what its tools are called with. */
export function sandboxForTools(dynamodb: DynamoDBDocumentClient) {
  let folder: string;
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tools-'));
    sandbox = await startSandbox({ port: 0, file: join(folder, 'ledger.jsonl') });
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });
  return {
    url: () => sandbox.url,
    /** A file beside its ledger, gone with it. */
    fileBeside: (name: string) => join(folder, name),
    context: (key: string, env: Record<string, string> = {}): ToolContext => ({
      runId: 'run',
      actionId: '1.0',
      key,
      signal: AbortSignal.timeout(5_000),
      env: { SANDBOX_URL: sandbox.url, CUSTOMERS_TABLE: 'customers', ...env },
      dynamodb,
    }),
  };
}
