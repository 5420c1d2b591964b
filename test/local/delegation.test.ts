import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OversightWorld, openOversightWorld, refundOf } from '../support/oversight-world.ts';

const PEOPLE = [
  { id: 'sam', name: 'Sam', groups: ['support'] },
  { id: 'lena', name: 'Lena', groups: ['support-leads'] },
  { id: 'leo', name: 'Leo', groups: ['support-leads'] },
  { id: 'lisa', name: 'Lisa', groups: ['support-leads', 'finance'] },
  { id: 'frida', name: 'Frida', groups: ['finance'] },
  { id: 'otto', name: 'Otto', groups: ['operations'] },
];

let world: OversightWorld;
beforeAll(async () => {
  world = await openOversightWorld({
    around: (around) => ({
      ...around,
      directory: {
        find: async (id) => PEOPLE.find((member) => member.id === id),
        members: async (groups) => PEOPLE.filter((m) => m.groups.some((group) => groups.includes(group))),
      },
    }),
    people: PEOPLE,
  });
});
afterAll(() => world.close());

const hold = async () => {
  const runId = await world.start([[refundOf(6_000)]]);
  const [held] = await world.held(runId);
  return { runId, holdId: held?.holdId ?? '' };
};
const delegate = (holdId: string, who: string, to: string) =>
  world.vote(holdId, who, { decision: 'delegate', to });

describe('a delegation', () => {
  it('asks another who may decide, tells them with a link of their own, and settles nothing', async () => {
    const { runId, holdId } = await hold();
    world.notices.length = 0;
    const { status, json } = await delegate(holdId, 'lena', 'leo');
    expect([status, json.status]).toEqual([200, 'open']);
    expect(world.notices.map(({ about, approvers }) => [about, approvers.map((a) => a.member.id)])).toEqual([
      ['delegated', ['leo']],
    ]);
    expect(world.notices[0]?.approvers[0]?.link).toMatch(/\/h\/\S+$/);
    const votes = (await world.get(`/holds/${holdId}`, 'leo')).json.votes;
    expect(votes).toMatchObject([{ who: 'lena', decision: 'delegate', to: 'leo' }]);

    await world.vote(holdId, 'leo', { decision: 'approve' });
    const run = await world.ended(runId);
    expect(run.actions[0]?.effect?.outcome).toBe('succeeded');
    expect(run.actions[0]?.holds[0]?.votes.map(({ who }) => who)).toEqual(['lena', 'leo']);
    const audit = await world.get(`/runs/${runId}/audit?verify=1`);
    expect(audit.json).toMatchObject({ ok: true });
  });

  it('is the one decision of whoever makes it: they approve no more', async () => {
    const { holdId } = await hold();
    await delegate(holdId, 'lena', 'leo');
    expect((await world.vote(holdId, 'lena', { decision: 'approve' })).status).toBe(409);
    expect((await delegate(holdId, 'lena', 'lisa')).status).toBe(409);
    expect((await delegate(holdId, 'lena', 'leo')).status).toBe(200);
  });

  it('T11: never goes in circles', async () => {
    const { holdId } = await hold();
    await delegate(holdId, 'lena', 'leo');
    const back = await delegate(holdId, 'leo', 'lena');
    expect([back.status, back.json.errors[0]]).toMatchObject([422, { field: 'to', detail: /already/ }]);
    expect((await delegate(holdId, 'leo', 'lisa')).status).toBe(200);
    expect((await delegate(holdId, 'lisa', 'leo')).status).toBe(422);
  });

  it.each([
    ['whoever is in no group of the route', 'frida'],
    ['whoever asked for the run', 'sam'],
    ['nobody that is known', 'zoe'],
    ['oneself', 'lena'],
  ])('T11: is not made to %s', async (_, to) => {
    const { holdId } = await hold();
    const refused = await delegate(holdId, 'lena', to);
    expect([refused.status, refused.json.errors[0].field]).toEqual([422, 'to']);
    expect((await world.get(`/holds/${holdId}`, 'lena')).json.votes).toEqual([]);
  });

  it('lends nobody an authority: whoever is asked decides by their own, or not at all', async () => {
    const { holdId } = await hold();
    await delegate(holdId, 'lena', 'leo');
    expect((await world.vote(holdId, 'otto', { decision: 'approve', digest: 'd' })).status).toBe(404);
  });

  it('whom it names is part of the decision, and belongs to no other', async () => {
    const { holdId } = await hold();
    const refused = await world.vote(holdId, 'lena', { decision: 'approve', to: 'leo' });
    expect([refused.status, refused.json.errors[0].field]).toEqual([422, 'to']);
  });
});
