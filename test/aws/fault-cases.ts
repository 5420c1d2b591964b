import assert from 'node:assert/strict';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { runKey } from '../../lambdas/journal/keys.ts';
import { castVote } from '../../lambdas/oversight/vote.ts';
import type { PositionAtStep } from '../../lambdas/workflow.ts';
import type { ListedTest } from '../support/listed-tests.ts';
import { listenersOfGroup } from '../support/listening.ts';
import { openPage, sendForm } from './pages.ts';
import { type Invoked, invoke } from './signed-call.ts';
import { approverOf, QUESTION_SECONDS, type World } from './world.ts';

type Case = ListedTest<World>;

const RECONCILE = 'HoldpointReconcileFunction';

const twice = async (name: string, event: unknown): Promise<readonly Invoked[]> =>
  Promise.all([invoke(name, event), invoke(name, event)]);

/** What a step of this run's action would be given. */
const eventFor = (runId: string, actionId: string, next: 'hold' | 'perform'): PositionAtStep => ({
  runId,
  exec: 1,
  taken: 2,
  seen: 'seen',
  step: { actionId, next, hold: 0, seconds: 60, function: 'performer' },
});

/** Those that perform other tools: they refuse the refund. */
const isForeign = (logicalId: string) =>
  logicalId.includes('StepsPerform') && !logicalId.includes('Performissuerefund');

/** Functions are called twice at once, with the events of the refund of a run of `refund`. */
async function callTwice(
  functions: ReturnType<World['functions']>,
  runId: string,
  page: { url: string },
): Promise<string[]> {
  const called: string[] = [];
  for (const { logicalId, physicalId } of functions) {
    const event = eventOf(logicalId, runId, page.url);
    assert.ok(event, `nobody knows how ${logicalId} is called: a function that is not tested`);
    const answers = await twice(physicalId, event);
    for (const { threw, payload } of answers)
      assert.equal(threw, isForeign(logicalId), `${logicalId}: ${JSON.stringify(payload)}`);
    called.push(logicalId);
  }
  return called;
}

const REFUND = '0002.00';

function eventOf(logicalId: string, runId: string, url: string): unknown {
  if (logicalId.startsWith('HoldpointStepsPlan')) return { runId, exec: 1, taken: 0 };
  if (logicalId.startsWith('HoldpointStepsHold'))
    return { ...eventFor(runId, REFUND, 'hold'), token: 'a-token-of-nobody' };
  if (logicalId.startsWith('HoldpointStepsExpire')) return eventFor(runId, REFUND, 'hold');
  if (logicalId.startsWith('HoldpointStepsPerform')) return eventFor(runId, REFUND, 'perform');
  if (logicalId.startsWith(RECONCILE)) return { source: 'aws.events' };
  if (logicalId.startsWith('HoldpointEvents')) return { Records: [] };
  if (logicalId.startsWith('HoldpointApifunction')) return proxyEvent(url.slice(url.indexOf('/h/')));
  if (logicalId.startsWith('SandboxFunction')) return proxyEvent('/ledger');
  return undefined;
}

/** A GET as API Gateway passes it on. */
const proxyEvent = (path: string) => ({
  resource: '/{proxy+}',
  path,
  httpMethod: 'GET',
  headers: { host: 'localhost', 'x-forwarded-proto': 'https' },
  multiValueHeaders: { host: ['localhost'] },
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  pathParameters: { proxy: path.slice(1) },
  stageVariables: null,
  body: null,
  isBase64Encoded: false,
  requestContext: { httpMethod: 'GET', path, stage: 'v1', domainName: 'localhost', identity: {} },
});

export const FAULTS: readonly Case[] = [
  {
    name: 'every function called twice at once while a hold is open writes nothing new, and the vote still counts',
    run: async (world) => {
      const runId = await world.start('refund');
      const [hold] = await world.held(runId);
      assert.ok(hold);
      const before = await world.items(runId);
      const page = await world.page(hold);
      const called = await callTwice(world.functions(), runId, page);
      console.log(`      called twice: ${called.length} functions`);
      assert.deepEqual(await world.items(runId), before);
      assert.deepEqual((await world.ledger(runId)).attempts, []);
      const answer = await sendForm(page, world.origin, { decision: 'approve' });
      assert.equal(answer.status, 200, answer.markup);
      assert.equal((await world.ended(runId)).status, 'finished');
      assert.equal((await world.ledger(runId)).effects.length, 1);
      const after = await world.items(runId);
      const own = world.functions().filter(({ logicalId }) => !isForeign(logicalId));
      await callTwice(own, runId, page);
      assert.deepEqual(await world.items(runId), after);
      const { effects, attempts } = await world.ledger(runId);
      assert.deepEqual([effects.length, attempts.length], [1, 1]);
    },
  },
  {
    name: 'F10: a decision that was recorded and never delivered is delivered by the reconciler',
    run: async (world) => {
      const runId = await world.start('refund');
      const [hold] = await world.held(runId);
      assert.ok(hold);
      const { environment } = world;
      const lost = {
        ...environment.workflow(),
        deliver: () => Promise.reject(new Error('the process died here')),
      };
      const ballot = {
        who: approverOf(hold),
        via: 'token',
        decision: 'approve',
        digest: hold.digest,
      } as const;
      const at = { runId, actionId: hold.actionId, hold: 0 };
      await assert.rejects(castVote({ ...environment, workflow: lost }, at, ballot), /died here/);
      assert.equal((await world.ledger(runId)).attempts.length, 0);
      await environment.rows.change('hold', hold.id, { due: Date.now() });
      const { threw, payload } = await invoke(world.functionName(RECONCILE), {});
      assert.ok(!threw, JSON.stringify(payload));
      assert.equal((await world.ended(runId)).status, 'finished');
      assert.equal((await world.ledger(runId)).effects.length, 1);
      await world.settledFor(runId);
    },
  },
  {
    name: 'F2: a run that was recorded and never started is started by the reconciler',
    run: async (world) => {
      const { environment } = world;
      const died = {
        ...environment.workflow(),
        start: () => Promise.reject(new Error('the process died here')),
      };
      const marked = new Set((await environment.rows.newest()).items.map(({ id }) => id));
      await assert.rejects(world.startWith('refund', { workflow: died }), /died here/);
      const runId = (await environment.rows.newest()).items.find(({ id }) => !marked.has(id))?.id ?? '';
      await environment.rows.change('run', runId, { due: Date.now() });
      await invoke(world.functionName(RECONCILE), {});
      const [hold] = await world.held(runId);
      assert.ok(hold);
      await sendForm(await world.page(hold), world.origin, { decision: 'approve' });
      assert.equal((await world.ended(runId)).status, 'finished');
      assert.equal((await world.ledger(runId)).effects.length, 1);
    },
  },
];

export const DISASTERS: readonly Case[] = [
  {
    name: 'a held run that lost its execution and both its rows goes on, rebuilt from the journal as docs/deploy.md says',
    skip: ({ target }) =>
      target.kind === 'LocalStack' ? 'LocalStack keeps a hold running that was stopped' : undefined,
    run: async (world) => {
      const { environment } = world;
      const runId = await world.start('refund');
      const [hold] = await world.held(runId);
      assert.ok(hold);
      await environment.sfn.send(new StopExecutionCommand({ executionArn: world.executionArn(runId) }));
      await environment.rows.delete('hold', hold.id);
      await environment.rows.delete('run', runId);

      const run = (await environment.journal.get(runId, [runKey])).get(runKey.sk)?.body;
      assert.ok(run?.kind === 'run');
      const { at, agent, requester, input } = run;
      const row = { kind: 'run', id: runId, at, agent, requester, input, status: 'running' } as const;
      await environment.rows.put({ ...row, due: Date.now() });
      await invoke(world.functionName(RECONCILE), {});

      const [again] = await world.held(runId);
      assert.ok(again);
      assert.deepEqual([again.id, again.expiresAt], [hold.id, hold.expiresAt]);
      await sendForm(await world.page(again), world.origin, { decision: 'approve' });
      assert.equal((await world.ended(runId)).status, 'finished');
      assert.equal((await world.ledger(runId)).effects.length, 1);
      await world.settledFor(runId);
    },
  },
];

export const SURROUNDINGS: readonly Case[] = [
  {
    name: 'the emulator, and all that it has started, listens on loopback only',
    skip: ({ target }) => {
      if (target.group === undefined) return 'it was not started here';
      return process.platform === 'linux' ? undefined : 'only Linux says who listens where';
    },
    run: async ({ target }) => {
      const listeners = listenersOfGroup(target.group ?? 0);
      assert.ok(listeners.length > 0);
      assert.deepEqual(
        listeners.filter(({ loopback }) => !loopback),
        [],
      );
    },
  },
];

export const EXPIRY: readonly Case[] = [
  {
    name: "F13: a hold that nobody answers expires, by its state's time limit or by the schedule, and a late click is told so",
    run: async (world) => {
      const runId = world.unanswered;
      const run = await world.ended(runId, world.patienceMs + 45_000);
      const [asked] = run.actions;
      const [hold] = asked?.holds ?? [];
      assert.ok(hold);
      assert.equal(hold.settlement, 'expired');
      assert.equal(asked?.effect?.outcome, 'not performed');
      assert.match(run.answer ?? '', /Nobody answered/);
      const waited = Date.parse(hold.expiresAt) - Date.parse(hold.openedAt);
      // It counts from when the hold was made, a moment before it was recorded.
      assert.ok(waited <= QUESTION_SECONDS * 1000 && waited > QUESTION_SECONDS * 900, `${waited} ms`);
      const byState = (await world.entered(runId)).includes('Expire');
      console.log(`      ended by ${byState ? "the state's time limit" : 'the reconciler, on its schedule'}`);
      const expiresAt = new Date(Date.now() + 60_000).toISOString();
      const late = await openPage(await world.link({ id: hold.holdId, expiresAt }, 'lena'));
      assert.equal(late.status, 410);
      await world.settledFor(runId);
    },
  },
];
