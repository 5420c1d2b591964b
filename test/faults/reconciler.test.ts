import { describe, expect, it } from 'vitest';
import { CLEAN } from './judge.ts';
import { LEAD, refund } from './proposals.ts';
import { openWorld } from './world.ts';

const WRITE = /: (dynamodb (Put|Update|Delete)Item|sfn (StartExecution|SendTaskSuccess)|http POST)/;

describe('the reconciler', () => {
  it('finishes alone what a process left that died after any one of its writes', async () => {
    const died: string[] = [];
    for (let nth = 1; ; nth++) {
      const world = await openWorld({ turns: [[refund(6000)], 'Done.'] });
      let writes = 0;
      let last = '';
      world.fail(/./, async (proceed) => {
        const label = world.calls.at(-1) ?? '';
        if (writes >= nth) return new Promise(() => {});
        if (!WRITE.test(label)) return proceed();
        writes += 1;
        last = label;
        const answer = await proceed();
        return writes >= nth ? new Promise(() => {}) : answer;
      });
      const started = world.start('test', 'k');
      started.catch(() => {});
      const voting = world.until('an end, or its death', async () => {
        if (writes >= nth) return 'died';
        const [row] = await world.environment.rows.list('run');
        if (row && row.due === undefined) return 'ended';
        const [hold] = await world.environment.rows.list('hold');
        if (hold && (await world.read(hold.runId)).has('act#0001.00#hold#0'))
          world.vote(hold, LEAD, 'approve').catch(() => {});
        return undefined;
      });
      const how = await voting;
      world.heal();
      if (how === 'ended') break;
      died.push(last);
      await world.restart();
      await world.core.reconcile({ allRuns: true });
      const [row] = await world.environment.rows.list('run');
      if (!row || !(await world.read(row.id)).has('run')) continue;
      // Who has not decided yet does so now; nobody does anything twice.
      const voted = async () => (await world.read(row.id)).has('act#0001.00#hold#0#vote#lena');
      if (!(await voted())) await world.vote(await world.hold(row.id), LEAD, 'approve');
      expect(await world.endedInTime(row.id), last).toBe('finished');
      expect(await world.judged(row.id), last).toMatchObject(CLEAN);
      expect((await world.ledger()).effects, last).toHaveLength(1);
    }
    expect(died.length).toBeGreaterThan(12);
  }, 60_000);

  it('run twice at once, does nothing twice', async () => {
    const world = await openWorld({ turns: [[refund(6000)], 'Done.'] });
    const runs = await Promise.all(Array.from({ length: 6 }, (_, n) => world.start('test', `k${n}`)));
    for (const run of runs) await world.hold(run);
    const [first = '', second = ''] = runs;
    world.fail(/vote: sfn SendTaskSuccess/, () => new Promise(() => {}), 1);
    world.vote(await world.hold(first), LEAD, 'approve').catch(() => {});
    await world.until('the settlement', async () =>
      (await world.read(first)).has('act#0001.00#hold#0#settled'),
    );
    await world.restart();
    const executions = world.calls.length;
    const both = () => Promise.all([world.core.reconcile({ allRuns: true }), world.core.reconcile()]);
    await both();
    await world.until('each has its new token, and people were told', async () => {
      await both();
      const rows = await world.environment.rows.list('hold');
      return rows.every(({ runId, told }) => runId === first || told === 'opened');
    });
    world.leap(12 * 3_600_000 + 1_000);
    await both();
    expect(await world.endedInTime(first)).toBe('finished');
    const reminders = world.notices.filter(({ about, at }) => about === 'reminder' && at.runId === second);
    expect(reminders).toHaveLength(1);
    expect((await world.ledger()).attempts).toHaveLength(1);
    const records = [...(await world.read(second)).values()];
    expect(records.filter(({ body }) => body.kind === 'exec')).toHaveLength(1);
    expect(world.calls.length).toBeGreaterThan(executions);
  });

  it('asks after an execution that only waits for people about once an hour, and at once where a decision finds nobody', async () => {
    const world = await openWorld({ turns: [[refund(6000)], 'Done.'] });
    const runId = await world.start();
    const hold = await world.hold(runId);
    const asked = () => world.calls.filter((call) => call.includes('DescribeExecution')).length;
    for (let minutes = 0; minutes < 4 * 60; minutes += 6) {
      world.leap(6 * 60_000);
      expect(await world.core.reconcile()).toMatchObject({ runs: 1, started: 0 });
    }
    expect(asked()).toBeGreaterThanOrEqual(4);
    expect(asked()).toBeLessThanOrEqual(10);
    // Its execution has died, and nothing has said so.
    await world.restart();
    await world.vote(hold, LEAD, 'approve');
    world.leap(31_000);
    expect(await world.core.reconcile()).toMatchObject({ delivered: 0 });
    expect(await world.core.reconcile()).toMatchObject({ started: 1 });
    expect(await world.endedInTime(runId, 62_000)).toBe('finished');
  });
});
