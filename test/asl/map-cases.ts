import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../../lambdas/workflow.ts';
import type { ListedTest } from '../support/listed-tests.ts';
import { type Answer, HURRIED_SECONDS, type ScriptedRun, type Scripts, step } from './scripts.ts';

type Case = ListedTest<Scripts>;

const several = (...branches: Step[]): Answer => ({ next: 'several', branches });
const item = (actionId: string, fields: Partial<Step> = {}) => step({ actionId, ...fields });
const heldItem = (actionId: string, seconds = 3600) => item(actionId, { next: 'hold', seconds });

const actions = (run: ScriptedRun, name: string) =>
  run
    .called(name)
    .map((of) => (of.step as { actionId: string }).actionId)
    .sort();

/** Ended well, and came back to Plan once after the items. */
async function endsWithPlan(run: ScriptedRun): Promise<void> {
  assert.equal((await run.ended()).status, 'SUCCEEDED');
  assert.equal(run.called('plan').length, 2);
  assert.equal(run.calls.at(-1)?.name, 'plan');
}

const poison = (of: { readonly step: Step }) => {
  if (of.step.actionId === 'poison') throw new Error('poison');
};

export const MAPS: readonly Case[] = [
  {
    name: 'several actions: each is performed, held or left as done, and then Plan is next',
    run: async ({ run }) => {
      const run1 = await run({ plan: [several(item('a'), heldItem('b'), item('c', { next: 'done' }))] });
      await run1.send(await run1.token('b'), { outcome: 'approved' });
      await endsWithPlan(run1);
      assert.deepEqual(actions(run1, 'perform'), ['a', 'b']);
      assert.deepEqual(run1.called('perform').find((of) => of.delivered)?.delivered, { outcome: 'approved' });
      const { runId: _, ...position } = run1.called('plan')[1] ?? {};
      assert.deepEqual(position, {
        exec: 1,
        taken: 1,
        seen: 'turn#0',
        next: 'several',
        branches: position.branches,
      });
    },
  },
  {
    name: 'an item gets where the run stands and its own step, and nothing of its siblings',
    run: async ({ run }) => {
      const run1 = await run({ plan: [several(item('a'), item('b'))] });
      await endsWithPlan(run1);
      const { runId: _, ...input } =
        run1.called('perform').find((of) => (of.step as Step).actionId === 'a') ?? {};
      assert.deepEqual(input, { v: 1, exec: 1, taken: 1, seen: 'turn#0', step: item('a') });
    },
  },
  {
    name: 'F13: an item whose hold nobody answers goes by way of Expire to Perform, while its sibling waits on',
    run: async ({ run }) => {
      const run1 = await run({ plan: [several(heldItem('short', 1), heldItem('long'))] });
      const token = await run1.token('long');
      for (let i = 0; i < 100 && actions(run1, 'perform').length === 0; i++) await sleep(100);
      assert.deepEqual(actions(run1, 'expire'), ['short']);
      assert.deepEqual(actions(run1, 'perform'), ['short']);
      assert.equal((await run1.describe()).status, 'RUNNING');
      await run1.send(token);
      await endsWithPlan(run1);
      assert.deepEqual(actions(run1, 'perform'), ['long', 'short']);
      assert.deepEqual(actions(run1, 'expire'), ['short']);
    },
  },
  {
    name: 'an item that Perform wants asked again is held and performed again, in its own branch',
    run: async ({ run }) => {
      const run1 = await run({
        plan: [several(item('a'), heldItem('b'))],
        perform: ({ step: of }, before) => ({
          next: of.actionId === 'b' && before === 0 ? 'hold' : 'done',
          hold: before + 1,
        }),
      });
      await run1.send(await run1.token('b'));
      await run1.send(await run1.token('b', 2));
      await endsWithPlan(run1);
      assert.deepEqual(actions(run1, 'perform'), ['a', 'b', 'b']);
      assert.deepEqual(
        run1.called('hold').map((of) => (of.step as Step).hold),
        [0, 1],
      );
    },
  },
  ...(['perform', 'hold', 'expire'] as const).map(
    (failing): Case => ({
      name: `F29: an item whose ${failing} fails for ever is left to Plan, and spares its siblings`,
      run: async ({ runHurried }) => {
        const fails = { perform: item('poison'), hold: heldItem('poison'), expire: heldItem('poison', 1) };
        const run1 = await runHurried({
          plan: [several(item('a'), fails[failing], heldItem('b'))],
          hold: (of) => (failing === 'hold' ? poison(of) : undefined),
          expire: poison,
          perform: (of) => {
            poison(of);
            return { next: 'done' };
          },
        });
        const token = await run1.token('b');
        for (let i = 0; i < 200 && actions(run1, failing).length < 7; i++) await sleep(100);
        await run1.send(token);
        await endsWithPlan(run1);
        assert.equal(actions(run1, failing).filter((id) => id === 'poison').length, 7);
        assert.deepEqual(
          actions(run1, 'perform').filter((id) => id !== 'poison'),
          ['a', 'b'],
        );
      },
    }),
  ),
  {
    name: 'an item whose Perform throws twice is tried again in its own branch',
    run: async ({ run }) => {
      const run1 = await run({
        plan: [several(item('a'), item('b'))],
        perform: ({ step: of }, before) => {
          if (of.actionId === 'a' && before < 2) throw new Error('throttled');
          return { next: 'done' };
        },
      });
      await endsWithPlan(run1);
      assert.deepEqual(actions(run1, 'perform'), ['a', 'a', 'a', 'b']);
    },
  },
  {
    name: 'an item whose Perform outlives its limit is tried again in its own branch',
    run: async ({ runHurried }) => {
      const run1 = await runHurried({
        plan: [several(item('a'), item('b'))],
        perform: async ({ step: of }, before) => {
          if (of.actionId === 'a' && before === 0) await sleep(1000 * HURRIED_SECONDS + 600);
          return { next: 'done' };
        },
      });
      await endsWithPlan(run1);
      assert.deepEqual(actions(run1, 'perform'), ['a', 'a', 'b']);
    },
  },
  {
    name: 'an item with a step that its Route does not know is left to Plan',
    run: async ({ run }) => {
      const run1 = await run({ plan: [several(item('a'), item('lost', { next: 'dance' as never }))] });
      await endsWithPlan(run1);
      assert.deepEqual(actions(run1, 'perform'), ['a']);
      assert.ok((await run1.entered()).includes('Leave one to Plan'));
    },
  },
  {
    name: 'no actions at all: Plan is next at once',
    run: async ({ run }) => {
      const run1 = await run({ plan: [several()] });
      await endsWithPlan(run1);
      assert.equal((await run1.entered()).join(' '), 'Plan Route Do each Plan Route Finish');
    },
  },
  {
    name: 'of 25 items at most 20 are done at once',
    run: async ({ run }) => {
      let now = 0;
      let most = 0;
      const run1 = await run({
        plan: [several(...Array.from({ length: 25 }, (_, i) => item(`i${i}`)))],
        perform: async () => {
          now += 1;
          most = Math.max(most, now);
          await sleep(500);
          now -= 1;
          return { next: 'done' };
        },
      });
      await endsWithPlan(run1);
      assert.equal(run1.called('perform').length, 25);
      assert.ok(most <= 20 && most > 1, `${most} at once`);
    },
  },
];
