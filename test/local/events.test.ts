import { afterEach, beforeEach, expect, it } from 'vitest';
import { EVENTS, type HoldpointEvent } from '../../lambdas/events/events.ts';
import { eventsOf, StreamEvent } from '../../lambdas/events/from-stream.ts';
import type { Item } from '../../lambdas/journal/journal.ts';
import { listedDirectory } from '../../lambdas/oversight/directory.ts';
import { type OversightWorld, openOversightWorld, refundOf } from '../support/oversight-world.ts';
import { streamOf } from '../support/stream.ts';

const PEOPLE = [
  { id: 'sam', name: 'Sam', groups: ['support'] },
  { id: 'lena', name: 'Lena', groups: ['support-leads'] },
  { id: 'leo', name: 'Leo', groups: ['support-leads'] },
  { id: 'otto', name: 'Otto', groups: ['operations'] },
];
let world: OversightWorld;
beforeEach(async () => {
  world = await openOversightWorld({
    people: PEOPLE,
    around: (around) => ({ ...around, directory: listedDirectory(PEOPLE) }),
  });
});
afterEach(() => world.close());

const itemsOf = async (scope: string): Promise<Item[]> => {
  const powers = ['oversight', 'effects', 'proposals', 'standing'] as const;
  const { journal } = world.core.environment;
  return (await Promise.all(powers.map((power) => journal.items(scope, power)))).flat();
};
/** What the bus is told of everything that was recorded, each of it as documented. */
const eventsAbout = async (scope: string): Promise<HoldpointEvent[]> => {
  const events = eventsOf(StreamEvent.parse(streamOf(await itemsOf(scope))));
  for (const { kind, detail } of events) EVENTS[kind].parse(detail);
  return events.sort((a, b) => (a.detail.at < b.detail.at ? -1 : 1));
};
const inShort = (events: readonly HoldpointEvent[]) =>
  events.map(({ kind, detail }) => ('outcome' in detail ? `${kind}: ${detail.outcome}` : kind));

it('what people are asked, and whom they hand it on to, is told in ids and facts', async () => {
  const runId = await world.start([[refundOf(6_000)]]);
  const [hold] = await world.held(runId);
  await world.vote(hold?.holdId ?? '', 'lena', { decision: 'delegate', to: 'leo' });
  const events = await eventsAbout(runId);
  expect(inShort(events)).toEqual(['Run started', 'Hold opened', 'Hold delegated']);
  expect(events[1]?.detail).toMatchObject({
    id: `oversight#${runId}/act#0001.00#hold#0`,
    holdId: hold?.holdId,
    asks: 'approval',
    route: 'support-lead',
    level: 0,
    groups: ['support-leads'],
  });
  expect(events[2]?.detail).toMatchObject({ holdId: hold?.holdId, from: 'lena', to: 'leo' });
});

it('a decision, its effect and the run’s end are told', async () => {
  const runId = await world.start([[refundOf(6_000)]]);
  const [hold] = await world.held(runId);
  await world.vote(hold?.holdId ?? '', 'lena', { decision: 'approve' });
  await world.ended(runId);
  const events = await eventsAbout(runId);
  expect(inShort(events)).toEqual([
    'Run started',
    'Hold opened',
    'Hold settled: approved',
    'Action ended: succeeded',
    'Run ended',
  ]);
  expect(events[2]?.detail).toMatchObject({ deciders: ['lena'] });
  expect(events.at(-1)?.detail).toMatchObject({ status: 'finished', runId });
});

it('a hold that is passed on names the one that follows', async () => {
  const runId = await world.start([[refundOf(6_000)]]);
  const [hold] = await world.held(runId);
  await world.vote(hold?.holdId ?? '', 'lena', { decision: 'escalate' });
  await world.until(runId, (run) => (run.actions[0]?.holds.length ?? 0) > 1);
  const events = await eventsAbout(runId);
  const settled = events.find(({ kind }) => kind === 'Hold settled');
  expect(settled?.detail).toMatchObject({ outcome: 'escalated', next: `${runId}.0001.00.1` });
  const opened = events.filter(({ kind }) => kind === 'Hold opened');
  expect(opened.map(({ detail }) => 'level' in detail && detail.level)).toEqual([0, 1]);
});

it('a brake that is set and lifted is told, and its reason is not', async () => {
  expect((await world.send('PUT', '/brakes/all', 'otto', { reason: 'MARKER-brake' })).status).toBe(200);
  await world.send('DELETE', '/brakes/all', 'otto');
  const events = await eventsAbout('all');
  expect(inShort(events)).toEqual(['Brake set', 'Brake lifted']);
  expect(events[0]?.detail).toMatchObject({ scope: 'all', who: 'otto' });
  expect(JSON.stringify(events)).not.toContain('MARKER');
});

it('T7, T23, I12: no event has an argument, a text that somebody wrote, a token or a link in it', async () => {
  const runId = await world.start([
    [refundOf(6_066, { reason: 'MARKER-reason' })],
    [{ tool: 'ask_human', args: { question: 'MARKER-question?', choices: ['MARKER-choice', 'No'] } }],
  ]);
  const [first] = await world.held(runId);
  const { rows } = world.core.environment;
  const tokens = (await rows.list('hold', `${runId}.`)).flatMap((row) => row.tokens);
  await world.vote(first?.holdId ?? '', 'lena', { decision: 'approve', comment: 'MARKER-comment' });
  await world.until(runId, (run) => run.actions.some(({ tool }) => tool === 'ask_human'));
  await world.held(runId);
  const events = JSON.stringify(await eventsAbout(runId));
  expect(tokens.length).toBeGreaterThan(0);
  for (const secret of ['MARKER', '6066', 'C-1001', 'O-5001', '/h/', ...tokens]) {
    expect(events).not.toContain(secret);
    if (secret === 'MARKER') expect(JSON.stringify(await itemsOf(runId))).toContain(secret);
  }
});
