import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import { Terminal } from '../../lambdas/errors.ts';
import type { Model } from '../../lambdas/model/model.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import { down } from './fault-kinds.ts';
import { CLEAN } from './judge.ts';
import { FINANCE, LEAD, refund, wire } from './proposals.ts';
import { openWorld, type World } from './world.ts';

const POLICIES = join(import.meta.dirname, '../../lambdas/policy/support.cedar');
const held = { turns: [[refund(6000)], 'Done.'] };
const ID = '0001.00';

/** Deploys the sample's policies with one more. */
async function deploy(world: World, policy: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-policies-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'all.cedar'), `${await readFile(POLICIES, 'utf8')}\n${policy}`);
  world.env.HOLDPOINT_POLICIES = folder;
  await world.restart();
  await world.core.reconcile({ allRuns: true });
}

const FORBID = `@id("stop") @reason("No more refunds.")
forbid (principal, action == Action::"issue_refund", resource);`;
const STRICTER = `@id("stricter") @decision("hold") @route("finance") @tier("high") @reason("Finance looks at all of them.")
permit (principal, action == Action::"issue_refund", resource);`;

it('F27: what a new policy denies is not performed, though it was approved before', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  await deploy(world, FORBID);
  expect((await world.vote(hold, LEAD, 'approve')).as).toBe('counted');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await world.result(runId, ID)).toMatchObject({
    outcome: 'not performed',
    why: expect.stringContaining('No more refunds.'),
  });
  expect((await world.ledger()).attempts).toEqual([]);
});

it('F27: what a new policy sends to a stricter route is asked again there, and performed once', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  await deploy(world, STRICTER);
  await world.vote(hold, LEAD, 'approve');
  const again = await world.hold(runId, 'finance');
  expect((await world.ledger()).attempts).toEqual([]);
  await world.vote(again, FINANCE, 'approve');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F28: what was approved for a tool that has changed its meaning since is not performed; the model is told why', async () => {
  const agents = [support];
  const world = await openWorld({ ...held, agents });
  const runId = await world.start();
  const hold = await world.hold(runId);
  const tools = support.tools.map((tool) => (tool.name === 'issue_refund' ? { ...tool, version: 2 } : tool));
  agents[0] = { ...support, tools };
  await world.restart();
  await world.core.reconcile({ allRuns: true });
  await world.vote(hold, LEAD, 'approve');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await world.result(runId, ID)).toMatchObject({
    outcome: 'not performed',
    why: 'the tool has changed since this was proposed: version 1 then, 2 now',
  });
  expect((await world.ledger()).attempts).toEqual([]);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F28: a hold keeps the route that it was opened with, whatever routes are deployed while it waits', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  const before = await world.read(runId);
  await deploy(world, '');
  await world.until('its new token', async () => {
    const row = await world.environment.rows.get('hold', hold.id);
    return row?.tokens.length === 2;
  });
  const after = await world.read(runId);
  for (const [sk, { hash }] of before) expect(after.get(sk)?.hash, sk).toBe(hash);
  await world.vote(hold, LEAD, 'approve');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).effects).toHaveLength(1);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

/** Fails for good where it is asked for `poison`, and answers elsewhere. */
const poison =
  (error: () => Error) =>
  (spec: string): Model => ({
    name: spec,
    next: async () => {
      if (spec === 'poison') throw error();
      return { text: 'Done.', calls: [], usage: { input: 1, output: 1 } };
    },
  });

it('F29: a run that can never go on is started three times, then failed and alarmed; its siblings end well', async () => {
  const world = await openWorld({ createModel: poison(() => new Error('poison')) });
  const [runId, sibling] = [await world.start('poison'), await world.start('well')];
  expect(await world.ended(sibling)).toBe('finished');
  expect(await world.endedInTime(runId, 20 * 60_000)).toBe('failed');
  const records = [...(await world.read(runId)).values()];
  expect(records.filter(({ body }) => body.kind === 'exec')).toHaveLength(3);
  expect(records.some(({ body }) => body.kind === 'failed')).toBe(true);
  expect(world.alarms.filter((what) => what.includes('died without a new record'))).toHaveLength(1);
});

it('F29: a run that is given up takes back what it still asks: nobody decides on what nothing follows from', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const { id } = await world.hold(runId);
  await world.restart();
  world.fail(/plan: dynamodb/, down);
  await world.core.reconcile({ allRuns: true });
  expect(await world.endedInTime(runId, 40 * 60_000)).toBe('failed');
  expect(await world.environment.rows.get('hold', id)).toBeUndefined();
  const hold = (await world.branch(runId, ID))?.holds[0];
  expect(hold?.settled?.body.outcome).toBe('cancelled');
  expect(world.alarms.filter((what) => what.includes('died without a new record'))).toHaveLength(1);
  expect((await world.ledger()).attempts).toEqual([]);
});

it('F29: an error that another attempt would only repeat ends the run at once, with its reason', async () => {
  const world = await openWorld({ createModel: poison(() => new Terminal('no access')) });
  const runId = await world.start('poison');
  expect(await world.ended(runId)).toBe('failed');
  const ends = [...(await world.read(runId)).values()].flatMap(({ body }) =>
    body.kind === 'turn' ? [body.end] : [],
  );
  expect(ends).toEqual([{ status: 'failed', reason: 'the model cannot go on: no access' }]);
});

it('F29: being paused and resumed again and again does not count as dying', async () => {
  let poisoned = true;
  const createModel = (spec: string): Model => ({
    ...poison(() => new Error())(spec),
    next: async () => {
      if (poisoned) throw new Error('poison');
      return { text: 'Done.', calls: [], usage: { input: 1, output: 1 } };
    },
  });
  const world = await openWorld({ createModel });
  const paused = () =>
    world.until(
      'the pause',
      async () => (await world.environment.rows.get('run', runId))?.status === 'paused',
    );
  await world.brake('all');
  const runId = await world.start('any');
  for (let round = 0; round < 3; round++) {
    await paused();
    // Lifted, and set again before the run has got anywhere.
    world.fail(
      /reconcile: sfn StartExecution/,
      async (proceed) => {
        await world.brake('all');
        return proceed();
      },
      1,
    );
    await world.release('all');
  }
  await paused();
  await world.release('all');
  await world.until('its death', async () => {
    world.leap(31_000);
    await world.core.reconcile();
    return [...(await world.read(runId)).values()].some(
      ({ body }) => body.kind === 'exec' && body.why === 'restarted',
    );
  });
  poisoned = false;
  expect(await world.endedInTime(runId, 20 * 60_000)).toBe('finished');
});

it('F29: one action that never ends well does its siblings no harm', async () => {
  const mail = {
    tool: 'send_email',
    args: { customerId: 'C-1001', to: 'ada.fischer@example.com', subject: 'Hello', body: 'Hello' },
  };
  const world = await openWorld({ turns: [[refund(3000), mail], 'Done.'] });
  world.fail(/http POST \/mails/, down);
  const runId = await world.start();
  const ended = world.endedInTime(runId).catch(() => 'waiting');
  await world.hold(runId, 'in-doubt');
  expect(await world.result(runId, ID)).toMatchObject({ outcome: 'succeeded' });
  await ended;
  expect((await world.ledger()).effects.map(({ kind }) => kind)).toEqual(['refund']);
});

const GIVEN_UP = '3 executions in a row died without a new record';

it('F29: one of several actions that can never be performed fails the run with an alarm, and its siblings are done', async () => {
  const world = await openWorld({ turns: [[refund(3000), refund(3100, 'O-5002'), refund(3200, 'O-5001')]] });
  world.fail(/perform: dynamodb PutItem journal act#0001\.01#try#1#intent/, down);
  const runId = await world.start();
  expect(await world.endedInTime(runId, 30 * 60_000)).toBe('failed');
  const results = await Promise.all(['0001.00', '0001.01', '0001.02'].map((id) => world.result(runId, id)));
  expect(results.map((result) => result?.outcome)).toEqual(['succeeded', undefined, 'succeeded']);
  expect((await world.ledger()).attempts).toHaveLength(2);
  expect(world.alarms).toEqual([`run given up: ${GIVEN_UP}`]);
  const failed = [...(await world.read(runId)).values()].find(({ body }) => body.kind === 'failed');
  expect(failed?.body).toMatchObject({ why: GIVEN_UP });
});

it.each([
  ['the mail', /notifier send/],
  ['the store of the link keys', /linkKeys/],
  ['the directory', /hold: directory/],
])('F30: while %s is down, the hold is there, and nothing is approved', async (_, at) => {
  const world = await openWorld(held);
  world.fail(at, down);
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.leap(62_000);
  await world.core.reconcile();
  expect((await world.ledger()).attempts).toEqual([]);
  world.heal();
  // What has failed is tried after twice its time.
  world.leap(130_000);
  await world.core.reconcile();
  expect(world.notices).toHaveLength(1);
  await world.vote(hold, LEAD, 'approve');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
});

it('F30: while the directory is down nobody can vote, and what was approved before waits', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.fail(/vote: directory/, down, 1);
  await expect(world.vote(hold, LEAD, 'approve')).rejects.toThrow('hang up');
  world.fail(/perform: directory/, down);
  expect((await world.vote(hold, LEAD, 'approve')).as).toBe('counted');
  await world.until('several tries', async () => world.broken() >= 3);
  expect((await world.ledger()).attempts).toEqual([]);
  world.heal();
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
});

it('F31: a brake that is set between the approval and the effect stops it, and once lifted it happens once', async () => {
  const world = await openWorld({ turns: [[wire()], 'Done.'], routes });
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.fail(
    /perform: dynamodb (Query|BatchGetItem) rows .*brake/,
    async (proceed) => {
      await world.brake('tool:send_wire');
      return proceed();
    },
    1,
  );
  await world.vote(hold, FINANCE, 'approve');
  await world.until('the brake', async () => world.broken() === 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await world.ledger()).attempts).toEqual([]);
  await world.release('tool:send_wire');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
});

it('F31: a call that is under way when the brake is set ends and is recorded, and nothing follows it', async () => {
  const world = await openWorld({ turns: [[refund(3000)], [refund(2000)], 'Done.'], sandboxDelayMs: 100 });
  const runId = await world.start();
  await world.until('the call', async () => (await world.ledger()).attempts.length === 1);
  await world.brake('agent:support');
  await world.until(
    'the pause',
    async () => (await world.environment.rows.get('run', runId))?.status === 'paused',
  );
  expect(await world.result(runId, ID)).toMatchObject({ outcome: 'succeeded' });
  expect((await world.ledger()).attempts).toHaveLength(1);
  await world.release('agent:support');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).effects).toHaveLength(2);
});
