import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const ENTRY = join(import.meta.dirname, '../../bin/local.ts');

export interface LocalProcess {
  readonly url: string;
  readonly sandboxUrl: string;
  readonly child: ChildProcess;
  /** What it has printed so far. */
  output(): string;
  /** The first link that it printed. */
  link(): Promise<string>;
  token(name: string): string;
  get(path: string, name?: string): Promise<Response>;
  post(path: string, body: unknown, name?: string): Promise<Response>;
  /** SIGKILL, at once. */
  kill(): Promise<void>;
  /** SIGINT; resolves with the exit code. */
  interrupt(): Promise<number | null>;
}

/** Ports that were free a moment ago, next to each other or not. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Starts the real entry point as a process of its own, and waits until it says that it is up. */
export async function startLocal(options: {
  readonly data: string;
  readonly ports: readonly number[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The largest file that it may write, in blocks of the shell's. */
  readonly largestFile?: number;
}): Promise<LocalProcess> {
  const { data, ports, args = ['--no-sample'], env = {}, largestFile } = options;
  const [port, sandboxPort] = ports;
  const limit = largestFile === undefined ? [] : ['sh', '-c', `ulimit -f ${largestFile} && exec "$0" "$@"`];
  const [program = '', ...rest] = [...limit, process.execPath, ENTRY, ...args];
  const child = spawn(program, rest, {
    env: {
      ...process.env,
      ...env,
      HOLDPOINT_DATA: data,
      PORT: String(port),
      SANDBOX_PORT: String(sandboxPort),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
  const ended = once(child, 'exit');
  const says = async (pattern: RegExp): Promise<string> => {
    for (const until = Date.now() + 15_000; ; ) {
      const match = pattern.exec(printed);
      if (match) return match[0];
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`it ended with ${child.exitCode}: ${printed}`);
      if (Date.now() > until) throw new Error(`it never said ${pattern}: ${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await says(/Sandbox +http\S+/);
  const url = `http://127.0.0.1:${port}`;
  const token = (name: string) => JSON.parse(readFileSync(join(data, 'tokens.json'), 'utf8'))[name] as string;
  const headers = (name: string) => ({
    authorization: `Bearer ${token(name)}`,
    'content-type': 'application/json',
  });
  return {
    url,
    sandboxUrl: `http://127.0.0.1:${sandboxPort}`,
    child,
    output: () => printed,
    link: () => says(/http:\/\/127\.0\.0\.1:\d+\/h\/\S+/),
    token,
    get: (path, name = 'sam') => fetch(url + path, { headers: headers(name) }),
    post: (path, body, name = 'sam') =>
      fetch(url + path, { method: 'POST', headers: headers(name), body: JSON.stringify(body) }),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    interrupt: async () => {
      child.kill('SIGINT');
      await ended;
      return child.exitCode;
    },
  };
}
