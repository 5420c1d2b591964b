import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { describe, expect, it } from 'vitest';
import { holdStep, performStep, toyMachine, until } from './toy-machine.ts';

describe('stopping the engine', () => {
  it('waits for the function that is running, and starts nothing afterwards', async () => {
    const order: string[] = [];
    let finish = () => {};
    const machine = toyMachine({
      plan: [performStep(), performStep()],
      perform: async (input) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        order.push('performed');
        return input as never;
      },
    });
    await machine.start();
    await until(() => machine.called('perform-toys').length === 1);
    const stopped = machine.engine.stop().then(() => order.push('stopped'));
    setTimeout(() => finish(), 20);
    await stopped;
    expect(order).toEqual(['performed', 'stopped']);
    expect(machine.calls.map(({ name }) => name)).toEqual(['plan', 'perform-toys']);
    await expect(machine.start('run-2')).rejects.toMatchObject({ name: 'StateMachineDeleting' });
  });

  it('starts no further attempt of a step that was about to be retried', async () => {
    const machine = toyMachine(
      {
        plan: [performStep()],
        perform: () => {
          throw new Error('down');
        },
      },
      { retryMs: 60_000 },
    );
    await machine.start();
    await until(() => machine.called('perform-toys').length === 1);
    await machine.engine.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(machine.called('perform-toys')).toHaveLength(1);
  });

  it('leaves nothing that keeps the process alive, whatever waits', async () => {
    const program = `
      const { synthesisedDefinition } = await import('./lib/local/synthesised-definition.ts');
      const { createStepFunctions } = await import('./lib/local/step-functions.ts');
      const { StartExecutionCommand } = await import('@aws-sdk/client-sfn');
      const step = { actionId: 'a', next: 'hold', hold: 0, seconds: 86400, function: 'f' };
      const engine = createStepFunctions({
        definition: synthesisedDefinition(),
        invoke: async (name, input) => {
          if (name === 'plan') return { ...input, taken: 1, seen: 'x', next: 'several', branches: [step, step] };
          setTimeout(() => engine.stop().then(() => console.log('stopped')), 50);
        },
      });
      const input = JSON.stringify({ Payload: { runId: 'r', exec: 1, taken: 0 } });
      await engine.client().send(new StartExecutionCommand({ stateMachineArn: engine.stateMachineArn, input }));
    `;
    const args = ['--input-type=module-typescript', '--eval', program];
    const cwd = new URL('../..', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 15_000 });
    expect(stdout).toContain('stopped');
  }, 20_000);

  it('F32: forgets all, so that a new engine can start the same executions anew', async () => {
    const before = toyMachine({ plan: [holdStep()] });
    await before.start('run-1');
    const [old = ''] = await before.held(1);
    await before.engine.stop();

    const after = toyMachine({ plan: [holdStep()] });
    const arn = await after.start('run-1');
    const [token = ''] = await after.held(1);
    await expect(after.approve(old)).rejects.toMatchObject({ name: 'TaskDoesNotExist' });
    await after.approve(token);
    expect((await after.ended(arn)).status).toBe('SUCCEEDED');
  });
});

describe('an attempt that its state has given up', () => {
  const impatient: StateMachineDefinition = {
    StartAt: 'Perform',
    States: {
      Perform: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: 'perform-toys', 'Payload.$': '$.Payload' },
        TimeoutSeconds: 1,
        Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 2 }],
        End: true,
      },
    },
  };

  it('F15: is never joined by the next one while it still runs', async () => {
    let running = 0;
    let most = 0;
    let attempts = 0;
    const machine = toyMachine(
      {
        perform: async () => {
          attempts += 1;
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setTimeout(resolve, attempts === 1 ? 1300 : 10));
          running -= 1;
          return 'done';
        },
      },
      { definition: impatient },
    );
    const run = await machine.ended(await machine.start());
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: '{"StatusCode":200,"Payload":"done"}' });
    expect({ attempts, most }).toEqual({ attempts: 2, most: 1 });
  });

  it('and that was still waiting then never starts', async () => {
    let attempts = 0;
    const machine = toyMachine(
      {
        perform: async () => {
          attempts += 1;
          const mine = attempts;
          await new Promise((resolve) => setTimeout(resolve, mine === 1 ? 2500 : 10));
          return mine;
        },
      },
      { definition: impatient },
    );
    const run = await machine.ended(await machine.start());
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: '{"StatusCode":200,"Payload":2}' });
    await machine.engine.stop();
    expect(attempts).toBe(2);
  }, 10_000);
});
