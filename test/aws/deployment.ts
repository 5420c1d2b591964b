import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startGroup } from '../support/process-group.ts';
import type { Resource } from './signed-call.ts';

export const STACK = 'HoldpointSample';
const ROOT = join(import.meta.dirname, '../..');
const CDK = join(ROOT, 'node_modules/.bin/cdk');

export interface Outputs {
  readonly ApiUrl: string;
  readonly StateMachineArn: string;
  readonly JournalTable: string;
  readonly RowsTable: string;
  readonly CustomersTable: string;
  readonly LinkKeysSecret: string;
  readonly SandboxUrl: string;
  readonly NoticeTopicArn?: string;
  readonly UserPoolId?: string;
  readonly UserPoolClientId?: string;
}

export interface Deployed {
  readonly outputs: Outputs;
  readonly resources: readonly Resource[];
  readonly seconds: number;
}

/** Runs the CDK's command line as a user does; for another app than the one in cdk.json if one is named. */
export function deployment({ stack = STACK, app }: { readonly stack?: string; readonly app?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-cdk-'));
  const clean = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', clean);
  const cdk = async (...args: string[]): Promise<number> => {
    const began = Date.now();
    const always = ['--no-notices', '--output', join(folder, 'cdk.out'), ...(app ? ['--app', app] : [])];
    const group = startGroup(CDK, [...args, ...always], {
      cwd: ROOT,
      env: {
        ...process.env,
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        CDK_DISABLE_CLI_TELEMETRY: 'true',
      },
    });
    const code = await group.ended;
    await group.end();
    if (code !== 0) throw new Error(`cdk ${args[0]} ended with ${code}:\n${group.output().slice(-6_000)}`);
    return (Date.now() - began) / 1000;
  };
  const contextOf = (context: Readonly<Record<string, string>>) =>
    Object.entries(context).flatMap(([key, value]) => ['--context', `holdpoint:${key}=${value}`]);
  const outputsFile = join(folder, 'outputs.json');
  return {
    bootstrap: () => cdk('bootstrap'),
    /** @returns how many seconds it took */
    deploy: (context: Readonly<Record<string, string>>): Promise<number> => {
      const options = ['--require-approval', 'never', '--outputs-file', outputsFile];
      return cdk('deploy', stack, ...options, ...contextOf(context));
    },
    /** What the stack said of itself when it was deployed. */
    outputs: () => JSON.parse(readFileSync(outputsFile, 'utf8'))[stack] as Outputs,
    destroy: (context: Readonly<Record<string, string>>) =>
      cdk('destroy', stack, '--force', ...contextOf(context)),
    end: clean,
  };
}

/** How many of each type, for people to read. */
export function inventory(resources: readonly Resource[]): string {
  const counts = new Map<string, number>();
  for (const { type } of resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  const lines = [...counts].sort().map(([type, count]) => `      ${String(count).padStart(3)} ${type}`);
  return `${resources.length} resources\n${lines.join('\n')}`;
}
