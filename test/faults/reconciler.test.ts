import { describe, expect, it } from 'vitest';
import { partition } from '../../lambdas/journal/keys.ts';
import type { HoldRow } from '../../lambdas/journal/row-kinds.ts';
import { type ReconcileDeps, reconcile } from '../../lambdas/reconcile/reconcile.ts';
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

  it('comes to each of 10,000 open holds once, though its work moves them within the index that lists them', async () => {
    const { deps, seen, asked } = manyHolds(10_000);
    expect(await reconcile(deps)).toMatchObject({ runs: 0, holds: 10_000, failed: 0 });
    expect(seen.size).toBe(10_000);
    expect([...seen.values()].every((times) => times === 1)).toBe(true);
    expect(Math.max(...asked)).toBeLessThanOrEqual(500);
    expect(await reconcile(deps)).toMatchObject({ holds: 0 });
  });

  it('goes on with the others where one cannot be reconciled, and says so', async () => {
    const { deps, seen, alarms } = manyHolds(50, 'act#0001.00#hold#7');
    expect(await reconcile(deps)).toMatchObject({ holds: 50, failed: 1 });
    expect(seen.size).toBe(49);
    expect(alarms).toEqual([expect.stringContaining('could not reconcile hold')]);
  });
});

const RUN = 'a'.repeat(26);

/** Open holds that are all due now: a store that keeps its index in order, as the real one does. */
function manyHolds(count: number, broken = '') {
  const now = Date.parse('2026-11-22T12:00:00.000Z');
  const at = (milliseconds: number) => new Date(now + milliseconds).toISOString();
  const rows = new Map(
    Array.from({ length: count }, (_, n) => {
      const row = {
        kind: 'hold',
        id: `${RUN}.0001.00.${n}`,
        due: now - count + n,
        expiresAt: at(9e6),
        tokens: [],
      };
      return [row.id, row as never as HoldRow] as const;
    }),
  );
  const seen = new Map<string, number>();
  const asked: number[] = [];
  const alarms: string[] = [];
  const hold = { asks: 'approval', groups: [], quorum: 1, distinctGroups: 1, digest: 'd' };
  const deps = {
    rows: {
      due: async (kind: string, by: number, options: { limit: number; next?: string }) => {
        const listed = kind === 'hold' ? [...rows.values()].filter(({ due }) => due <= by) : [];
        const sorted = listed.sort((a, b) => a.due - b.due);
        const from = sorted.findIndex(({ id }) => id === options.next) + 1;
        const items = sorted.slice(from, from + options.limit);
        asked.push(items.length);
        const more = from + options.limit < sorted.length;
        return { items, ...(more ? { next: items.at(-1)?.id } : {}) };
      },
      change: async (_: string, id: string, fields: Partial<HoldRow>) => {
        seen.set(id, (seen.get(id) ?? 0) + 1);
        rows.set(id, { ...rows.get(id), ...fields } as HoldRow);
        return true;
      },
    },
    journal: {
      list: async (runId: string, power: 'oversight', sk: string) => {
        if (sk === broken) throw new Error(`no answer for ${partition(power, runId)}`);
        const body = { kind: 'hold', ...hold, remindAt: at(8e6), expiresAt: at(9e6) };
        return [{ sk, hash: sk, body }];
      },
      get: async () => new Map(),
    },
    alarm: (what: string) => alarms.push(what),
    now: () => new Date(now),
  };
  return { deps: deps as never as ReconcileDeps, seen, asked, alarms };
}
