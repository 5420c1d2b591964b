import { AsyncLocalStorage } from 'node:async_hooks';
import { basename } from 'node:path';
import type { Surroundings } from '../../lambdas/environment.ts';
import { createModel } from '../../lambdas/model/configured-model.ts';
import type { Model } from '../../lambdas/model/model.ts';
import { describeCommand, type SdkCommand } from './describe-command.ts';

/** One awaited call to the outside. */
export interface PortCall {
  readonly port: string;
  /** What is called, by whom: `vote: dynamodb PutItem journal act#0002.00#hold#0#settled`. */
  readonly label: string;
}

/** Stands between the functions and the outside. */
export type Intercept = <T>(call: PortCall, proceed: () => Promise<T>) => Promise<T>;

/**
 * Every member of the surroundings, and how it reaches out of the process. The points of the fault matrix are generated
 * from this: a new member does not compile until it is classed here.
 */
const PORTS = {
  dynamodb: 'client',
  sfn: 'client',
  directory: 'methods',
  notifier: 'methods',
  linkKeys: 'call',
  createModel: 'models',
  env: 'inside',
  agents: 'inside',
  routes: 'inside',
  suspiciousRoute: 'inside',
  now: 'inside',
  report: 'inside',
  processId: 'inside',
  isGone: 'inside',
  roundsPerExecution: 'inside',
  oneByOne: 'inside',
} as const satisfies Record<keyof Surroundings, string>;

const watching = new AsyncLocalStorage<true>();
/** Calls made in here belong to the test, not to what it tests. */
export const unobserved = <T>(look: () => T): T => watching.run(true, look);

/** The same surroundings, with every call to the outside going through `intercept`. */
export function wrapPorts(around: Surroundings, intercept: Intercept): Surroundings {
  const through = <T>(port: string, what: string, proceed: () => Promise<T>): Promise<T> =>
    watching.getStore() ? proceed() : intercept({ port, label: `${caller()}: ${port} ${what}` }, proceed);

  const wrap: Record<(typeof PORTS)[keyof typeof PORTS], (name: string, original: never) => unknown> = {
    inside: (_, original) => original,
    client: (name, client: SdkClient) => {
      const send: SdkClient['send'] = (command, ...rest) =>
        through(name, describeCommand(command), () => client.send(command, ...rest));
      return new Proxy(client, {
        get: (of, member) => (member === 'send' ? send : Reflect.get(of, member, of)),
      });
    },
    methods: (name, methods: Record<string, AsyncMethod>) =>
      Object.fromEntries(
        Object.entries(methods).map(([method, call]): [string, AsyncMethod] => [
          method,
          (...args) => through(name, method, () => call.apply(methods, args)),
        ]),
      ),
    call: (name, call: AsyncMethod) => () => through(name, '', call),
    models:
      (_, make: Surroundings['createModel'] = createModel) =>
      (spec: string, env: Surroundings['env']): Model => {
        const model = make(spec, env);
        return { ...model, next: (turn) => through('model', `turn ${turn.turn}`, () => model.next(turn)) };
      },
  };
  const wrapped = Object.entries(PORTS).map(([name, kind]) => [
    name,
    wrap[kind](name, around[name as keyof Surroundings] as never),
  ]);
  return Object.fromEntries(wrapped) as Surroundings;
}

interface SdkClient {
  send(command: SdkCommand, ...rest: unknown[]): Promise<unknown>;
}

type AsyncMethod = (...args: unknown[]) => Promise<unknown>;

const fetches = new Map<string, Intercept>();
const originalFetch = globalThis.fetch;

/** Has the tools' HTTP calls to one origin go through `intercept` too. @returns what ends it */
export function wrapFetch(origin: string, intercept: Intercept): () => void {
  fetches.set(origin, intercept);
  globalThis.fetch = (input, init) => {
    const { origin: called, pathname } = new URL(String(input));
    const through = watching.getStore() ? undefined : fetches.get(called);
    const proceed = () => originalFetch(input, init);
    if (!through) return proceed();
    return through(
      { port: 'http', label: `${caller()}: http ${init?.method ?? 'GET'} ${pathname}` },
      proceed,
    );
  };
  return () => fetches.delete(origin);
}

Error.stackTraceLimit = 60;

/** What stands around every function, or every route. */
const AROUND = ['compose', 'security-headers', 'caller', 'unique-names'];

/** The outermost of our functions on the stack, by its file: who this call is made for. */
function caller(): string {
  const files = (new Error().stack ?? '').match(/\/lambdas\/[\w/-]+\.ts/g) ?? [];
  const names = files.map((file) => basename(file, '.ts'));
  return names.findLast((name) => !AROUND.includes(name)) ?? names.at(-1) ?? 'other';
}
