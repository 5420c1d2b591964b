import { afterEach, beforeEach, expect, test } from 'vitest';
import { brakeOn } from '../../lambdas/oversight/brakes.ts';
import { createWorld, type World } from '../support/api-world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const send = (method: string, scope: string, who: string, body?: object) =>
  world.api.request(`/brakes/${scope}`, {
    method,
    headers: { authorization: `Bearer ${world.tokens[who]}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
const reason = { reason: 'odd refunds since noon' };

test('an operator sets a brake, everybody sees it, and it stops what it names', async () => {
  const { runId } = await world.ask();
  const answer = await send('PUT', 'tool:issue_refund', 'otto', reason);
  expect(answer.status).toBe(200);
  const brake = {
    scope: 'tool:issue_refund',
    who: 'otto',
    at: new Date(world.clock.ms).toISOString(),
    ...reason,
  };
  expect(await answer.json()).toEqual(brake);
  expect(await (await world.get('/brakes', 'sam')).json()).toEqual({ items: [brake] });
  expect(await (await world.get('/brakes/tool:issue_refund', 'sam')).json()).toEqual(brake);
  expect(await (await world.get('/brakes/tool%3Aissue_refund', 'sam')).json()).toEqual(brake);
  const what = { runId, agent: 'support', tool: 'issue_refund' };
  expect(await brakeOn(world.rows, what)).toMatchObject({ who: 'otto' });
  expect(await brakeOn(world.rows, { ...what, tool: 'send_email' })).toBeUndefined();
});

test('every scope can be braked; what it names must be there', async () => {
  const { runId } = await world.ask();
  for (const scope of ['all', 'agent:support', 'tool:send_wire', `run:${runId}`]) {
    expect((await send('PUT', scope, 'otto', reason)).status).toBe(200);
  }
  for (const scope of [
    'agent:suport',
    'tool:isue_refund',
    `run:${'a'.repeat(26)}`,
    'run:x',
    'everything',
    'tool:',
    'agent:a b',
  ]) {
    const answer = await send('PUT', encodeURIComponent(scope), 'otto', reason);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'scope' }] });
  }
});

test('nobody but operators sets or lifts one', async () => {
  await send('PUT', 'all', 'otto', reason);
  for (const who of ['sam', 'lena', 'frida']) {
    expect((await send('PUT', 'agent:support', who, reason)).status).toBe(403);
    expect((await send('DELETE', 'all', who)).status).toBe(403);
  }
  expect(await world.rows.list('brake')).toHaveLength(1);
});

test.each([{}, { reason: '' }, { reason: '  ' }, { reason: 7 }, { ...reason, who: 'lena' }])(
  'it takes a reason, and names nobody: %j',
  async (body) => {
    expect((await send('PUT', 'all', 'otto', body)).status).toBe(422);
    expect(await world.rows.list('brake')).toEqual([]);
  },
);

test('lifting it makes the runs due that it had paused, and those alone', async () => {
  const paused = await world.ask();
  const running = await world.ask();
  const later = world.clock.ms + 60_000;
  await world.rows.change('run', paused.runId, { status: 'paused', due: later });
  await world.rows.change('run', running.runId, { due: later });
  await send('PUT', 'all', 'otto', reason);
  expect((await send('DELETE', 'all', 'otto')).status).toBe(204);
  expect((await world.get('/brakes/all', 'sam')).status).toBe(404);
  expect((await world.rows.get('run', paused.runId))?.due).toBe(world.clock.ms);
  expect((await world.rows.get('run', running.runId))?.due).toBe(later);
  expect((await send('DELETE', 'all', 'otto')).status).toBe(204);
});
