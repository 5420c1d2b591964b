import { describe, expect, it } from 'vitest';
import type { Json } from '../../lambdas/json.ts';
import { holdStep, performStep, step, toyMachine } from './toy-machine.ts';

describe('a run on the embedded engine', () => {
  it('takes workload W, one allowed action and two held ones, in 14 transitions', async () => {
    const machine = toyMachine({
      plan: [performStep(), holdStep(), holdStep()],
      hold: ({ token }) => void setImmediate(() => machine.approve(token)),
    });
    const run = await machine.ended(await machine.start());
    expect(run).toMatchObject({ status: 'SUCCEEDED' });
    expect(machine.engine.transitions('run-1')).toBe(14);
    expect(machine.calls.map(({ name }) => name).join(' ')).toBe(
      'plan perform-toys plan hold perform-toys plan hold perform-toys plan',
    );
  });

  it('waits at a hold until its token is answered, then performs that step with what was delivered', async () => {
    const machine = toyMachine({ plan: [holdStep()] });
    const arn = await machine.start();
    const [token = ''] = await machine.held(1);
    expect((await machine.describe(arn)).status).toBe('RUNNING');
    expect(machine.called('perform-toys')).toEqual([]);
    await machine.approve(token);
    await machine.ended(arn);
    expect(machine.called('perform-toys')).toMatchObject([
      { runId: 'run-1', exec: 1, step: step({ next: 'hold' }), delivered: { outcome: 'approved' } },
    ]);
  });

  it('gives Hold where the run stands, its step and a token, and nothing else', async () => {
    const machine = toyMachine({ plan: [holdStep()] });
    await machine.start();
    const [token = ''] = await machine.held(1);
    expect(machine.called('hold')).toEqual([
      { v: 1, runId: 'run-1', exec: 1, taken: 1, seen: 'turn#0', step: step({ next: 'hold' }), token },
    ]);
    expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(16);
  });

  it('F13: goes by way of Expire to Perform when nobody answers in time', async () => {
    const machine = toyMachine({ plan: [holdStep(1)] });
    const run = await machine.ended(await machine.start());
    expect(run.status).toBe('SUCCEEDED');
    expect(machine.calls.map(({ name }) => name)).toEqual(['plan', 'hold', 'expire', 'perform-toys', 'plan']);
    expect(machine.called('expire')).toMatchObject([{ step: { next: 'hold' } }]);
    expect(machine.called('perform-toys')).toMatchObject([{ step: { next: 'hold' } }]);
  });

  it('does several actions each to its end: held, asked again, and performed', async () => {
    const branches = [
      step({ actionId: 'a' }),
      step({ actionId: 'b', next: 'hold' }),
      step({ actionId: 'c', next: 'done' }),
    ];
    const asked = new Set<string>();
    const machine = toyMachine({
      plan: [{ next: 'several', branches }],
      hold: ({ token }) => void setImmediate(() => machine.approve(token)),
      perform: (input) => {
        const { actionId } = input.step;
        const again = actionId === 'b' && !asked.has(actionId);
        asked.add(actionId);
        return { ...input, step: { ...input.step, next: again ? 'hold' : 'done' } } as unknown as Json;
      },
    });
    const run = await machine.ended(await machine.start());
    expect(run.status).toBe('SUCCEEDED');
    expect(machine.called('hold').map(({ step }) => (step as { actionId: string }).actionId)).toEqual([
      'b',
      'b',
    ]);
    const performed = machine
      .called('perform-toys')
      .map(({ step }) => (step as { actionId: string }).actionId);
    expect(performed.sort()).toEqual(['a', 'b', 'b']);
    expect(machine.called('plan')).toHaveLength(2);
    expect(machine.called('plan')[1]).toMatchObject({ runId: 'run-1', exec: 1, taken: 1 });
    // Plan Route Map, a: Route Perform Route Finish, b: Route (Hold Perform Route)×2 Finish, c: Route Finish, Plan Route Finish
    expect(machine.engine.transitions('run-1')).toBe(3 + 4 + 8 + 2 + 3);
  });

  it('F29: leaves a failing item to Plan and does its siblings no harm', async () => {
    const branches = ['a', 'poison', 'c'].map((actionId) => step({ actionId }));
    const machine = toyMachine({
      plan: [{ next: 'several', branches }],
      perform: (input) => {
        if (input.step.actionId === 'poison') throw new Error('poison');
        return { ...input, step: { ...input.step, next: 'done' } } as unknown as Json;
      },
    });
    const run = await machine.ended(await machine.start());
    expect(run.status).toBe('SUCCEEDED');
    const performed = machine
      .called('perform-toys')
      .map(({ step }) => (step as { actionId: string }).actionId);
    expect(performed.filter((id) => id === 'poison')).toHaveLength(7);
    expect(performed.filter((id) => id !== 'poison')).toEqual(['a', 'c']);
    expect(machine.called('plan')).toHaveLength(2);
  });

  it('F5: gives a Hold that is tried again a new token, and the old one is dead', async () => {
    let failing = true;
    const machine = toyMachine({
      plan: [holdStep()],
      hold: () => {
        if (!failing) return undefined;
        failing = false;
        throw new Error('the mail server is down');
      },
    });
    const arn = await machine.start();
    const [first = '', second = ''] = await machine.held(2);
    expect(first).not.toBe(second);
    await expect(machine.approve(first)).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await machine.approve(second);
    expect((await machine.ended(arn)).status).toBe('SUCCEEDED');
  });

  it('fails with the name of the error that no retry got over', async () => {
    class Retryable extends Error {
      override readonly name = 'Retryable';
    }
    const machine = toyMachine({
      plan: [performStep()],
      perform: () => {
        throw new Retryable('throttled');
      },
    });
    const run = await machine.ended(await machine.start());
    expect(run).toMatchObject({ status: 'FAILED', error: 'Retryable', cause: 'throttled' });
    expect(machine.called('perform-toys')).toHaveLength(7);
  });

  it('fails a run whose Plan answers what Route does not know', async () => {
    const machine = toyMachine({ plan: [{ next: 'dance' } as never] });
    const run = await machine.ended(await machine.start());
    expect(run).toMatchObject({ status: 'FAILED', error: 'UnknownStep' });
  });

  it('fails a run over a payload of more than 256 KiB, as AWS does, without a retry', async () => {
    const long = 'x'.repeat(262_145);
    const answering = toyMachine({ plan: [{ next: 'finished', long } as never] });
    const run = await answering.ended(await answering.start());
    expect(run).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(answering.calls).toHaveLength(1);
  });

  it('refuses a wait that no timer can measure, instead of ending it at once', async () => {
    const machine = toyMachine({ plan: [holdStep(25 * 24 * 3600)] });
    const run = await machine.ended(await machine.start());
    expect(run).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(machine.called('hold')).toEqual([]);
    expect(machine.called('expire')).toEqual([]);
  });

  it('passes on copies, and only what JSON carries', async () => {
    const kept: unknown[] = [];
    const machine = toyMachine({
      plan: [performStep()],
      perform: (input) => {
        kept.push(input);
        return {
          runId: input.runId,
          exec: input.exec,
          taken: input.taken,
          at: new Date(0),
          none: undefined,
        } as never;
      },
    });
    await machine.ended(await machine.start());
    expect(machine.called('plan')[1]).toEqual({
      runId: 'run-1',
      exec: 1,
      taken: 1,
      at: '1970-01-01T00:00:00.000Z',
    });
    expect(kept[0]).not.toBe(machine.called('plan')[1]);
  });

  it('tells a listener of every state', async () => {
    const entered: string[] = [];
    const machine = toyMachine(
      { plan: [performStep()] },
      {
        onEvent: (run, event) => event.type === 'StateEntered' && entered.push(`${run} ${event.state.name}`),
      },
    );
    await machine.ended(await machine.start());
    expect(entered).toEqual(
      ['Plan', 'Route', 'Perform', 'Plan', 'Route', 'Finish'].map((name) => `run-1 ${name}`),
    );
  });
});
