import { expect, it } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import type { Item } from '../../lambdas/journal/journal.ts';
import { viewRun } from '../../lambdas/runs/run-view.ts';
import type { Tool } from '../../lambdas/tools/tool.ts';
import { CLEAN } from '../faults/judge.ts';
import { lookUp } from '../faults/proposals.ts';
import { openWorld, type World, type WorldOptions } from '../faults/world.ts';

const MOST_ITEM = 400 * 1024;
const HUGE = { rows: '語"\u0001'.repeat(100_000) };

/** The sample agent whose reads answer with 900 KB; the local stack refuses a payload over 256 KiB, as AWS does. */
const withHugeReads = (limits: Partial<typeof support.limits> = {}) => {
  const perform: Tool['perform'] = async () => HUGE;
  const tools = support.tools.map((tool) => (tool.name === 'lookup_customer' ? { ...tool, perform } : tool));
  return [{ ...support, tools, limits: { ...support.limits, ...limits } }];
};

async function play(options: WorldOptions) {
  const world = await openWorld(options);
  const runId = await world.start();
  const status = await world.ended(runId);
  const run = viewRun(await world.read(runId), { now: world.now() });
  expect(world.alarms).toEqual([]);
  expect(Math.max(...(await itemsOf(world, runId)).map(sizeOf))).toBeLessThan(MOST_ITEM);
  return { world, runId, status, run };
}

const itemsOf = async ({ environment }: World, runId: string): Promise<Item[]> =>
  (
    await Promise.all(
      (['proposals', 'oversight', 'effects'] as const).map((power) =>
        environment.journal.items(runId, power),
      ),
    )
  ).flat() as Item[];
const sizeOf = (item: Item) =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);

it('20 results of 900 KB in one turn are cut with a notice, for the model too, and the run goes on', async () => {
  const { run, status, world, runId } = await play({
    agents: withHugeReads({ contextBytes: 10_000_000 }),
    turns: [Array.from({ length: 20 }, () => lookUp), 'Done.'],
  });
  expect(status).toBe('finished');
  expect(run?.actions).toHaveLength(20);
  for (const { effect } of run?.actions ?? [])
    expect(effect?.result).toMatchObject({
      notice: expect.stringMatching(/^cut: \d+ bytes, of which \d+ are kept$/),
    });
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('a run of many big results ends by its context, not by a crash', async () => {
  const { run } = await play({ agents: withHugeReads(), turns: Array.from({ length: 20 }, () => [lookUp]) });
  expect(run).toMatchObject({ status: 'failed', reason: 'limit reached: context of 600000 bytes' });
  expect(run?.turns).toBeGreaterThan(2);
});

it('20 actions with arguments of 600 KB together: as many as a record holds are done, the model hears of the others', async () => {
  const mail = (_: unknown, index: number) => ({
    tool: 'send_email',
    args: {
      customerId: 'C-1001',
      to: 'ada.fischer@example.com',
      subject: `Part ${index}`,
      body: '語'.repeat(10_000),
    },
  });
  const { run, status, world } = await play({ turns: [Array.from({ length: 20 }, mail), 'Done.'] });
  expect(status).toBe('finished');
  const done = run?.actions.filter(({ effect }) => effect?.outcome === 'succeeded') ?? [];
  const refused = run?.actions.filter(({ ruling }) => ruling.decision === 'deny') ?? [];
  expect([done.length, refused.length]).toEqual([5, 15]);
  for (const { args, ruling } of refused) {
    expect(args).toMatch(/^\(300\d\d bytes, left out\)$/);
    expect(ruling.reason).toMatch(/^its arguments have 300\d\d of 160000 bytes a turn$/);
  }
  expect((await world.ledger()).effects).toHaveLength(5);
});

it('more calls than are recorded are counted in the last refusal, and a text that is too long says so', async () => {
  const calls = Array.from({ length: 50 }, () => lookUp);
  const text = '\u0001'.repeat(100_000);
  const { run, world, runId } = await play({
    createModel: () => ({
      name: 'test',
      next: async ({ turn }) => ({ text, calls: turn === 1 ? calls : [], usage: { input: 1, output: 1 } }),
    }),
  });
  expect(run?.status).toBe('finished');
  expect(run?.actions).toHaveLength(40);
  expect(run?.actions.at(-2)?.ruling.reason).toBe('a turn may propose 20 actions at most');
  expect(run?.actions.at(-1)?.ruling.reason).toBe(
    'a turn may propose 20 actions at most; 10 more are left out',
  );
  expect(run?.answer).toMatch(/… \(cut: 100000 bytes, of which 8333 are kept\)$/);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});
