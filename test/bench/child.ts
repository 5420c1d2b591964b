import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface Child {
  /** The next message of this child; rejects when it ends first. */
  next<T>(): Promise<T>;
  send(message: string): void;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a module of this folder as a process of its own. */
export function startChild(module: string, args: readonly string[], execArgv: readonly string[] = []): Child {
  const path = new URL(module, import.meta.url);
  const child: ChildProcess = fork(path, args, { execArgv: [...execArgv], stdio: 'inherit' });
  const messages: unknown[] = [];
  let wake = () => {};
  child.on('message', (message) => {
    messages.push(message);
    wake();
  });
  child.on('exit', () => wake());
  return {
    next: async <T>() => {
      while (messages.length === 0) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${module} has ended`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return messages.shift() as T;
    },
    send: (message) => void child.send(message),
    kill: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}
