import { type Planned, Position, PositionAtStep, type Step } from '../../lambdas/workflow.ts';
import type { Workflow } from '../../lambdas/workflow-client.ts';
import type { Process } from './processes.ts';
import type { Deps, World } from './world.ts';

/**
 * The state machine, as `lib/state-machine.ts` defines it, with time limits, retries, back-off, and tokens that go stale
 * as those of Step Functions do: by use, by time, by another attempt, and with their execution.
 */
export interface Engine {
  /** Calls a function in a process of its own, which may die on the way. */
  readonly invoke: <T>(what: string, call: (deps: Deps) => Promise<T>) => Promise<T>;
  /** Calls the last step of a kind once more, beside whatever else is going on. */
  readonly redeliver: (what: Kind) => void;
  /** What was wrong with an execution that went in circles. */
  readonly circles: () => number;
}

type Kind = 'plan' | 'hold' | 'expire' | 'perform';

const ATTEMPTS = 7;
const MOST_ROUNDS = 60;

interface Execution {
  status: 'running' | 'succeeded' | 'died';
  readonly host: Process;
}

class TimedOut extends Error {}

export function createEngine(world: World): Engine {
  const { clock, code, processes } = world;
  const executions = new Map<string, Execution>();
  const tokens = new Map<string, { readonly host: Process; readonly take: () => void }>();
  const last = new Map<Kind, () => Promise<unknown>>();
  let made = 0;
  let circles = 0;

  const invoke = async <T>(what: string, call: (deps: Deps) => Promise<T>): Promise<T> => {
    const process = processes.spawn();
    const deps = { ...world.depsOf(process), workflow: workflowOf(process) };
    const running = call(deps).then(async (answer) => {
      await process.point(`${what} returns`);
      return answer;
    });
    running.catch(() => {});
    try {
      return await Promise.race([running, process.died]);
    } finally {
      processes.done(process);
    }
  };

  const once = (kind: Kind, call: (deps: Deps) => Promise<unknown>) => {
    last.set(kind, () => invoke(`${kind}, again,`, call));
    world.note(`begins ${kind}`);
    return invoke(kind, call);
  };

  /** A task with its retries; on one machine it dies with its host. */
  const task = async <T>(host: Process, kind: Kind, call: (deps: Deps) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = (await once(kind, call)) as T;
        await host.point(`goes on from ${kind}`);
        return answer;
      } catch (error) {
        await host.point(`${kind} failed`);
        if (attempt === ATTEMPTS) throw error;
        await clock.sleep(Math.min(1_000 * 2 ** (attempt - 1), 30_000));
        await host.point(`tries ${kind} again`);
      }
    }
  };

  const waitForToken = async (host: Process, position: Position, step: Step): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      made += 1;
      const token = `token ${made}`;
      const taken = new Promise<void>((take) => tokens.set(token, { host, take }));
      const late = clock.sleep(step.seconds * 1_000).then(() => {
        throw new TimedOut();
      });
      late.catch(() => {});
      const failed = new Promise<never>((_, reject) => {
        once('hold', (deps) => code.hold(deps, { ...position, step, token })).catch(reject);
      });
      try {
        await Promise.race([taken, late, failed]);
        await host.point('goes on from hold');
        return;
      } catch (error) {
        tokens.delete(token);
        await host.point('hold failed or timed out');
        if (error instanceof TimedOut || attempt === ATTEMPTS) throw error;
        await clock.sleep(1_000 * attempt);
        await host.point('tries hold again');
      }
    }
  };

  /** Hold, Expire where its time is up, Perform. */
  const act = async (host: Process, position: Position, step: Step): Promise<PositionAtStep> => {
    const input = PositionAtStep.parse({ ...position, step });
    if (step.next === 'hold') {
      try {
        await waitForToken(host, position, step);
      } catch (error) {
        if (!(error instanceof TimedOut)) throw error;
        await task(host, 'expire', (deps) => code.expire(deps, input));
      }
    }
    return task(host, 'perform', (deps) => code.perform(deps, input));
  };

  const branch = async (host: Process, position: Position, first: Step): Promise<void> => {
    let step = first;
    for (let round = 0; step.next !== 'done' && round < MOST_ROUNDS; round++) {
      try {
        ({ step } = await act(host, position, step));
      } catch {
        return;
      }
    }
  };

  const execute = async (host: Process, first: Position): Promise<void> => {
    let position = first;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const input = Position.parse(position);
      const planned: Planned = await task(host, 'plan', (deps) => code.plan(deps, input));
      if (planned.next === 'several') {
        const { branches } = planned;
        await Promise.all(branches.map((step) => branch(host, planned, step)));
        position = planned;
      } else if ('step' in planned) {
        position = await act(host, planned, planned.step);
      } else return;
    }
    circles += 1;
  };

  const workflowOf = (process: Process): Workflow => ({
    async start(runId, exec) {
      await process.point(`starts ${runId}-${exec}`);
      const name = `${runId}-${exec}`;
      if (executions.get(name)?.host.alive) return;
      const execution: Execution = { status: 'running', host: processes.host() };
      executions.set(name, execution);
      execute(execution.host, { runId, exec, taken: 0 }).then(
        () => {
          execution.status = 'succeeded';
        },
        () => {
          execution.status = 'died';
        },
      );
    },
    async status(runId, exec) {
      await process.point('asks for the status');
      const found = executions.get(`${runId}-${exec}`);
      return found?.host.alive ? found.status : 'unknown';
    },
    async deliver(token) {
      await process.point(`delivers to ${token}`);
      const found = tokens.get(token);
      if (!tokens.delete(token) || !found?.host.alive) return 'stale';
      found.take();
      return 'taken';
    },
  });

  return {
    invoke,
    redeliver: (what) =>
      void last
        .get(what)?.()
        .catch(() => {}),
    circles: () => circles,
  };
}
