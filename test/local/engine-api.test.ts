import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { holdStep, toyMachine } from './toy-machine.ts';

describe('starting an execution', () => {
  it('F2: twice under one name with one input gives one execution while it runs', async () => {
    const machine = toyMachine({ plan: [holdStep()] });
    const arn = await machine.start('run-1');
    await machine.held(1);
    expect(await machine.start('run-1')).toBe(arn);
    expect(machine.called('plan')).toHaveLength(1);
  });

  it('with other input is refused by name', async () => {
    const machine = toyMachine({ plan: [holdStep()] });
    await machine.start('run-1');
    await expect(machine.start('run-1', 7)).rejects.toBeInstanceOf(ExecutionAlreadyExists);
  });

  it('again after it has closed is refused by name', async () => {
    const machine = toyMachine({});
    await machine.ended(await machine.start('run-1'));
    await expect(machine.start('run-1')).rejects.toBeInstanceOf(ExecutionAlreadyExists);
  });

  it('refuses names and inputs that AWS refuses', async () => {
    const { sfn, engine } = toyMachine({});
    const start = (name: string, input: string) =>
      sfn.send(new StartExecutionCommand({ stateMachineArn: engine.stateMachineArn, name, input }));
    await expect(start('a b', '{}')).rejects.toMatchObject({ name: 'InvalidName' });
    await expect(start('a', '{')).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    const stateMachineArn = `${engine.stateMachineArn}x`;
    await expect(sfn.send(new StartExecutionCommand({ stateMachineArn }))).rejects.toMatchObject({
      name: 'StateMachineDoesNotExist',
    });
  });
});

describe('a task token', () => {
  it('F10: is used up by its first answer', async () => {
    const machine = toyMachine({ plan: [holdStep()] });
    const arn = await machine.start();
    const [token = ''] = await machine.held(1);
    const answers = await Promise.allSettled([machine.approve(token), machine.approve(token)]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(machine.approve(token)).rejects.toBeInstanceOf(TaskTimedOut);
    await machine.ended(arn);
    expect(machine.called('perform-toys')).toHaveLength(1);
  });

  it('F12: is dead after its time limit, while the run goes on', async () => {
    const machine = toyMachine({ plan: [holdStep(1), holdStep()] });
    await machine.start();
    const [first = ''] = await machine.held(2);
    await expect(machine.approve(first)).rejects.toBeInstanceOf(TaskTimedOut);
  });

  it('is dead after its execution was stopped, which then calls nothing more', async () => {
    const machine = toyMachine({ plan: [holdStep()] });
    const arn = await machine.start();
    const [token = ''] = await machine.held(1);
    await machine.sfn.send(new StopExecutionCommand({ executionArn: arn, error: 'Cancelled' }));
    expect(await machine.describe(arn)).toMatchObject({ status: 'ABORTED', error: 'Cancelled' });
    await expect(machine.approve(token)).rejects.toBeInstanceOf(TaskTimedOut);
    expect(machine.calls.map(({ name }) => name)).toEqual(['plan', 'hold']);
  });

  it('of another process does not exist', async () => {
    const other = toyMachine({ plan: [holdStep()] });
    await other.start();
    const [foreign = ''] = await other.held(1);
    await expect(toyMachine({}).approve(foreign)).rejects.toBeInstanceOf(TaskDoesNotExist);
  });

  it('that was never one is invalid, and is not repeated in the error', async () => {
    const { approve } = toyMachine({});
    for (const nonsense of ['marker', 'a'.repeat(63), `${'a'.repeat(64)}=`, 'ä'.repeat(64)]) {
      const error = await approve(nonsense).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InvalidToken);
      expect(String(error)).not.toContain(nonsense);
    }
  });

  it('can report a heartbeat while it waits, and a failure that Hold is tried again for', async () => {
    const machine = toyMachine({ plan: [holdStep()] });
    const arn = await machine.start();
    const [taskToken = ''] = await machine.held(1);
    await machine.sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
    await machine.sfn.send(new SendTaskFailureCommand({ taskToken, error: 'Trouble', cause: 'toy' }));
    await expect(machine.sfn.send(new SendTaskHeartbeatCommand({ taskToken }))).rejects.toBeInstanceOf(
      TaskTimedOut,
    );
    const [, second = ''] = await machine.held(2);
    await machine.approve(second);
    expect((await machine.ended(arn)).status).toBe('SUCCEEDED');
  });

  it('stays good when its answer is not JSON', async () => {
    const machine = toyMachine({ plan: [holdStep()] });
    const arn = await machine.start();
    const [taskToken = ''] = await machine.held(1);
    const garbled = new SendTaskSuccessCommand({ taskToken, output: '{' });
    await expect(machine.sfn.send(garbled)).rejects.toMatchObject({ name: 'InvalidOutput' });
    await machine.approve(taskToken);
    expect((await machine.ended(arn)).status).toBe('SUCCEEDED');
  });
});

describe('looking at executions', () => {
  it('gives input, output and times of one', async () => {
    const machine = toyMachine({});
    const run = await machine.ended(await machine.start('run-1'));
    expect(run).toMatchObject({
      name: 'run-1',
      status: 'SUCCEEDED',
      stateMachineArn: machine.engine.stateMachineArn,
    });
    expect(JSON.parse(run.input ?? '')).toEqual({ Payload: { runId: 'run-1', exec: 1, taken: 0 } });
    expect(JSON.parse(run.output ?? '')).toMatchObject({ Payload: { next: 'finished' } });
    expect(Math.abs(Date.now() - (run.startDate?.valueOf() ?? 0))).toBeLessThan(60_000);
    expect(run.stopDate).toBeInstanceOf(Date);
  });

  it('knows no execution that was not started', async () => {
    const { sfn, engine } = toyMachine({});
    const executionArn = `${engine.stateMachineArn.replace(':stateMachine:', ':execution:')}:nobody`;
    const described = sfn.send(new DescribeExecutionCommand({ executionArn }));
    await expect(described).rejects.toBeInstanceOf(ExecutionDoesNotExist);
  });

  it('lists the newest first, page by page, by status', async () => {
    const machine = toyMachine({});
    for (const name of ['a', 'b', 'c']) await machine.ended(await machine.start(name));
    const list = (fields: object) =>
      machine.sfn.send(
        new ListExecutionsCommand({ stateMachineArn: machine.engine.stateMachineArn, ...fields }),
      );
    const first = await list({ maxResults: 2 });
    const second = await list({ maxResults: 2, nextToken: first.nextToken });
    const names = [...(first.executions ?? []), ...(second.executions ?? [])].map(({ name }) => name);
    expect(names).toEqual(['c', 'b', 'a']);
    expect(second.nextToken).toBeUndefined();
    expect((await list({ statusFilter: 'RUNNING' })).executions).toEqual([]);
  });

  it('forgets the oldest closed ones, never one that runs', async () => {
    const machine = toyMachine({ plan: [holdStep()] }, { remember: 1 });
    await machine.start('held');
    for (const name of ['a', 'b']) await machine.ended(await machine.start(name, 1));
    expect(machine.engine.transitions('a')).toBeUndefined();
    expect(machine.engine.transitions('b')).toBe(3);
    expect(machine.engine.transitions('held')).toBe(3);
  });
});
