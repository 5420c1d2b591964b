import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessGroup {
  readonly id: number | undefined;
  /** Both streams, so far. */
  output(): string;
  /** Whether the process that was started still runs. */
  running(): boolean;
  /** Its exit code, when it has ended by itself or was ended. */
  readonly ended: Promise<number | null>;
  /** TERM to the whole group, KILL after five seconds; resolves when none of it is left. */
  end(): Promise<void>;
}

const GRACE_MS = 5_000;
const KEPT_CHARS = 200_000;

const groups = new Set<number>();
/** Whatever happens to us, none of them outlives us. */
process.once('exit', () => {
  for (const pid of groups) signalGroup(pid, 'SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

/** Starts a program as the leader of a process group of its own, so that all that it starts can be ended with it. */
export function startGroup(
  command: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string },
): ProcessGroup {
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-KEPT_CHARS);
    });
  let running = true;
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      running = false;
      resolve(null);
    });
    child.once('exit', () => {
      running = false;
    });
    child.once('close', resolve);
  });
  const { pid } = child;
  if (pid !== undefined) groups.add(pid);
  return {
    id: pid,
    output: () => output,
    running: () => running,
    ended,
    end: async () => {
      if (pid === undefined) return;
      signalGroup(pid, 'SIGTERM');
      for (const until = Date.now() + GRACE_MS; isAlive(pid); await sleep(50))
        if (Date.now() > until) signalGroup(pid, 'SIGKILL');
      groups.delete(pid);
    },
  };
}

const isAlive = (pid: number): boolean => signalGroup(pid, 0);

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
