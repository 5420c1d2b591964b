import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Order } from './child.ts';

interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

type NewOrder = Order extends infer O ? (O extends Order ? Omit<O, 'id'> : never) : never;

/** A process that follows orders. */
export interface Worker {
  order<T>(order: NewOrder): Promise<T>;
  /** Resolves with the signal that ended it. */
  readonly gone: Promise<NodeJS.Signals | null>;
  end(): Promise<void>;
}

/** `coverage` is a folder for what it has passed by the time that it ends. */
export function startWorker(coverage?: string): Worker {
  const child: ChildProcess = fork(join(import.meta.dirname, 'child.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    ...(coverage === undefined ? {} : { env: { ...process.env, NODE_V8_COVERAGE: coverage } }),
  });
  const open = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let orders = 0;
  const gone = once(child, 'exit').then(([, signal]) => {
    for (const { reject } of open.values()) reject(new Error(`the worker is gone: ${signal}`));
    return signal as NodeJS.Signals | null;
  });
  child.on('message', ({ id, answer, error }: Answer) => {
    const asked = open.get(id);
    open.delete(id);
    if (error === undefined) asked?.resolve(answer as never);
    else asked?.reject(new Error(error));
  });
  return {
    order: (order) =>
      new Promise((resolve, reject) => {
        const id = ++orders;
        open.set(id, { resolve, reject });
        child.send({ ...order, id });
      }),
    gone,
    end: async () => {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
