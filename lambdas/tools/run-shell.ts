import { execFile } from 'node:child_process';
import * as z from 'zod';
import { NothingHappened } from '../errors.ts';
import type { Json } from '../json.ts';
import { defineTool } from './tool.ts';

/** Besides the policy's own list: whatever is permitted elsewhere, nothing but these is ever started. */
export const ALLOWED_COMMANDS: readonly string[] = ['uptime', 'df -h', 'date -u'];

const MAX_OUTPUT = 4_000;

export const runShell = defineTool({
  name: 'run_shell',
  version: 1,
  description: `Runs a command on the support host. Possible are: ${ALLOWED_COMMANDS.join(', ')}.`,
  args: z.strictObject({
    command: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[\x20-\x7e]+$/),
  }),
  replay: 'never',
  tier: 'high',
  title: ({ command }) => `Run the command: ${command}`,
  perform: async ({ command }, { signal }) => {
    if (!ALLOWED_COMMANDS.includes(command))
      throw new NothingHappened('This command is not among the permitted ones', { again: false });
    if (signal.aborted)
      throw new NothingHappened('The deadline had passed before the start', { again: true });
    return run(command, signal);
  },
});

/** Without a shell, and without our environment, which holds credentials. */
const run = (command: string, signal: AbortSignal): Promise<Json> =>
  new Promise((resolve, reject) => {
    const [file = '', ...args] = command.split(' ');
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
    execFile(file, args, { env, signal, maxBuffer: 64 * 1024 }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT')
        return reject(new NothingHappened(`There is no ${file} here`, { again: false, cause: error }));
      const exitCode = error ? error.code : 0;
      if (typeof exitCode !== 'number') return reject(error);
      resolve({ exitCode, stdout: stdout.slice(0, MAX_OUTPUT), stderr: stderr.slice(0, MAX_OUTPUT) });
    });
  });
