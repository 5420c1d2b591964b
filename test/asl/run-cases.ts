import assert from 'node:assert/strict';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { ListedTest } from '../support/listed-tests.ts';
import { LambdaRefuses } from './functions.ts';
import { HURRIED_SECONDS, holds, performs, type Scripts, step } from './scripts.ts';

type Case = ListedTest<Scripts>;

const names = (calls: readonly { readonly name: string }[]) => calls.map(({ name }) => name).join(' ');

export const WAYS: readonly Case[] = [
  {
    name: 'W, one allowed action and two held ones, takes 14 transitions by its history',
    run: async ({ run }) => {
      const w = await run({ plan: [performs, holds(), holds()] });
      await w.send(await w.token());
      await w.send(await w.token('0001.00', 2));
      assert.equal((await w.ended()).status, 'SUCCEEDED');
      assert.equal(
        (await w.entered()).join(' '),
        'Plan Route Perform Plan Route Hold Perform Plan Route Hold Perform Plan Route Finish',
      );
      assert.equal((await w.entered()).length, 14);
    },
  },
  {
    name: 'a hold waits for SendTaskSuccess, and its Perform is told what was delivered',
    run: async ({ run }) => {
      const held = await run({ plan: [holds()] });
      const token = await held.token();
      assert.equal((await held.describe()).status, 'RUNNING');
      assert.equal(held.called('perform').length, 0);
      await held.send(token, { outcome: 'rejected', digest: 'd' });
      assert.equal((await held.ended()).status, 'SUCCEEDED');
      const [performed] = held.called('perform');
      assert.deepEqual(performed?.delivered, { outcome: 'rejected', digest: 'd' });
      assert.equal(held.called('expire').length, 0);
    },
  },
  {
    name: 'Hold gets where the run stands, its step and a token, and nothing else',
    run: async ({ run }) => {
      const held = await run({ plan: [holds()] });
      const token = await held.token();
      const [{ runId = '', ...input } = {}] = held.called('hold');
      assert.match(String(runId), /^run\d+$/);
      assert.deepEqual(input, {
        v: 1,
        exec: 1,
        taken: 1,
        seen: 'turn#0',
        step: step({ next: 'hold' }),
        token,
      });
      await held.send(token);
      await held.ended();
    },
  },
  {
    name: 'Perform is the function that the step names',
    run: async ({ run }) => {
      const run1 = await run({
        plan: [{ next: 'perform', step: step({ function: 'arn:aws:lambda:a:b:function:perform' }) }],
      });
      assert.equal((await run1.ended()).status, 'SUCCEEDED');
      assert.equal(run1.called('perform').length, 1);
    },
  },
  {
    name: 'an action that is to be asked again goes by way of Plan to a hold of its own, with a token of its own',
    run: async ({ run }) => {
      const run1 = await run({ plan: [holds(), holds()] });
      const first = await run1.token();
      await run1.send(first);
      const second = await run1.token('0001.00', 2);
      assert.notEqual(first, second);
      await run1.send(second);
      assert.equal((await run1.ended()).status, 'SUCCEEDED');
      assert.equal(names(run1.calls), 'plan hold perform plan hold perform plan');
    },
  },
  ...(['finished', 'paused', 'renew'] as const).map(
    (next): Case => ({
      name: `${next} ends the execution as succeeded`,
      run: async ({ run }) => {
        const ending = await run({ plan: [{ next }] });
        assert.equal((await ending.ended()).status, 'SUCCEEDED');
        assert.equal((await ending.entered()).join(' '), 'Plan Route Finish');
      },
    }),
  ),
  {
    name: 'a step that Route does not know fails the execution',
    run: async ({ run }) => {
      const lost = await run({ plan: [{ next: 'dance' } as never] });
      const { status, error } = await lost.ended();
      assert.deepEqual({ status, error }, { status: 'FAILED', error: 'UnknownStep' });
      assert.equal(lost.calls.length, 1);
    },
  },
  {
    name: 'F2: the same name with the same input is the same execution, with another input it is refused',
    run: async ({ run, interpreter, machine: stateMachineArn }) => {
      const held = await run({ plan: [holds()] });
      const token = await held.token();
      const name = held.executionArn.split(':').at(-1) ?? '';
      const start = (exec: number) =>
        interpreter.sfn.send(
          new StartExecutionCommand({
            stateMachineArn,
            name,
            input: JSON.stringify({ Payload: { runId: name, exec, taken: 0 } }),
          }),
        );
      assert.equal((await start(1)).executionArn, held.executionArn);
      await assert.rejects(start(2), { name: 'ExecutionAlreadyExists' });
      await held.send(token);
      await held.ended();
      assert.equal(held.called('hold').length, 1);
    },
  },
];

class Throttled extends Error {
  override readonly name = 'Retryable';
}

const failing = (times: number) => (before: number) => {
  if (before < times) throw new Throttled('throttled');
};
const slow = (before: number) =>
  before === 0
    ? new Promise<void>((resolve) => setTimeout(resolve, 1000 * HURRIED_SECONDS + 600))
    : undefined;

/** One for each function that may throw: what makes it run, and what it does. */
const STATES = {
  Plan: (act: (before: number) => Promise<void> | void) => ({ planned: act }),
  Perform: (act: (before: number) => Promise<void> | void) => ({
    plan: [performs],
    perform: async (_: unknown, before: number) => {
      await act(before);
      return { next: 'done' as const };
    },
  }),
  Hold: (act: (before: number) => Promise<void> | void) => ({
    plan: [holds()],
    hold: (_: unknown, before: number) => act(before),
  }),
  Expire: (act: (before: number) => Promise<void> | void) => ({
    plan: [holds(1)],
    expire: (_: unknown, before: number) => act(before),
  }),
};
type State = keyof typeof STATES;
const STATE_NAMES = Object.keys(STATES) as State[];
const FIXED_LIMIT = STATE_NAMES.filter((state) => state !== 'Hold');

export const RETRIES: readonly Case[] = [
  ...STATE_NAMES.map(
    (state): Case => ({
      name: `${state} that throws is tried again, and the run goes on`,
      run: async ({ run }) => {
        const run1 = await run(STATES[state](failing(2)));
        if (state === 'Hold') await run1.send(await run1.token('0001.00', 3));
        assert.equal((await run1.ended()).status, 'SUCCEEDED');
        assert.equal(run1.called(state.toLowerCase()).length, 3);
        assert.equal(run1.calls.at(-1)?.name, 'plan');
      },
    }),
  ),
  ...STATE_NAMES.map(
    (state): Case => ({
      name: `${state} that throws for ever ends the execution after seven attempts, with the error's own name`,
      run: async ({ runHurried }) => {
        const run1 = await runHurried(STATES[state](failing(Number.POSITIVE_INFINITY)));
        const { status, error } = await run1.ended();
        assert.deepEqual({ status, error }, { status: 'FAILED', error: 'Retryable' });
        assert.equal(run1.called(state.toLowerCase()).length, 7);
        assert.equal(run1.calls.at(-1)?.name, state.toLowerCase());
      },
    }),
  ),
  ...[
    { status: 429, code: 'TooManyRequestsException' },
    { status: 500, code: 'ServiceException' },
  ].map(
    ({ status, code }): Case => ({
      name: `Lambda's own ${code} is tried again`,
      run: async ({ run }) => {
        const run1 = await run({
          planned: (before) => {
            if (before === 0) throw new LambdaRefuses(status, code);
          },
        });
        assert.equal((await run1.ended()).status, 'SUCCEEDED');
        assert.equal(run1.called('plan').length, 2);
      },
    }),
  ),
  ...FIXED_LIMIT.map(
    (state): Case => ({
      name: `${state} that takes longer than its limit is tried again`,
      run: async ({ runHurried }) => {
        const run1 = await runHurried(STATES[state](slow));
        assert.equal((await run1.ended()).status, 'SUCCEEDED');
        assert.equal(run1.called(state.toLowerCase()).length, 2);
      },
    }),
  ),
];

export const TIME_LIMITS: readonly Case[] = [
  {
    name: "F13: a hold that nobody answers ends at its step's own limit: Expire, then Perform, then Plan",
    run: async ({ run }) => {
      const run1 = await run({ plan: [holds(1)] });
      assert.equal((await run1.ended()).status, 'SUCCEEDED');
      assert.equal((await run1.entered()).join(' '), 'Plan Route Hold Expire Perform Plan Route Finish');
      assert.deepEqual(run1.called('expire')[0]?.step, step({ next: 'hold', seconds: 1 }));
      assert.deepEqual(run1.called('perform')[0]?.step, step({ next: 'hold', seconds: 1 }));
      assert.equal(run1.called('perform')[0]?.delivered, undefined);
    },
  },
  {
    name: 'a hold that timed out is not tried again, but asked Expire about once',
    run: async ({ run }) => {
      const run1 = await run({ plan: [holds(1), holds(1)] });
      assert.equal((await run1.ended()).status, 'SUCCEEDED');
      assert.equal(names(run1.calls), 'plan hold expire perform plan hold expire perform plan');
    },
  },
  {
    name: 'the limit is the one in the step: a longer one still waits when a shorter one is over',
    run: async ({ run }) => {
      const [short, long] = await Promise.all([run({ plan: [holds(1)] }), run({ plan: [holds(3600)] })]);
      const token = await long.token();
      assert.equal((await short.ended()).status, 'SUCCEEDED');
      assert.equal((await long.describe()).status, 'RUNNING');
      assert.equal(long.called('expire').length, 0);
      await long.send(token);
      assert.equal((await long.ended()).status, 'SUCCEEDED');
    },
  },
];
