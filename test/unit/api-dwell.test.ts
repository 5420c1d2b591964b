import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from '../support/api-world.ts';
import { linkFor, openPage, send } from '../support/link-page.ts';

const SECONDS = 5;

let world: World;
beforeAll(async () => {
  world = await createWorld({ dwellSeconds: SECONDS });
});
afterAll(() => world.close());

const high = () => world.ask({ route: 'finance', tier: 'high' });
const shownTo = async (holdId: string, who = 'frida') =>
  (await (await world.get(`/holds/${holdId}`, who)).json()) as Record<
    'digest' | 'challenge' | 'shown',
    string
  >;
const vote = async (holdId: string, ballot: object, who = 'frida') => {
  const answer = await world.post(`/holds/${holdId}/votes`, who, ballot);
  const { errors, status } = (await answer.json()) as { errors?: { field: string }[]; status: unknown };
  return [answer.status, errors?.[0]?.field ?? status];
};

describe('T4: the minimum dwell', () => {
  test('an approval at tier high waits until its hold has been looked at for a while', async () => {
    const { holdId, runId } = await high();
    const seen = await shownTo(holdId);
    const ballot = { decision: 'approve', digest: seen.digest, challenge: seen.challenge, shown: seen.shown };
    world.clock.ms += SECONDS * 1000 - 1;
    expect(await vote(holdId, ballot)).toEqual([422, 'dwell']);
    expect(await world.votesOf(runId)).toEqual([]);
    world.clock.ms += 1;
    expect(await vote(holdId, ballot)).toEqual([200, 'approved']);
    expect(await vote(holdId, ballot)).toEqual([200, 'approved']);
  });

  test('without the time of showing, with one of one’s own, of another hold or person, it is refused', async () => {
    const { holdId } = await high();
    const other = await high();
    const seen = await shownTo(holdId);
    world.clock.ms += 60_000;
    const { shown, ...needed } = { ...seen, decision: 'approve' };
    const ballot = { decision: 'approve', digest: needed.digest, challenge: needed.challenge };
    const [at = ''] = shown.split('.');
    const earlier = shown.replace(at, (Number.parseInt(at, 36) - 60_000).toString(36));
    const forged = [undefined, '', 'x', '.', earlier, `${shown}x`, (await shownTo(other.holdId)).shown];
    for (const each of forged) {
      expect(await vote(holdId, { ...ballot, ...(each === undefined ? {} : { shown: each }) })).toEqual([
        422,
        'shown',
      ]);
    }
  });

  test.each(['reject', 'escalate'])('to %s may be quick', async (decision) => {
    const { holdId } = await high();
    const { digest, challenge } = await shownTo(holdId);
    expect((await vote(holdId, { decision, digest, challenge }))[0]).toBe(200);
  });

  test('at tier medium nobody waits', async () => {
    const { holdId } = await world.ask();
    const { digest, shown } = await shownTo(holdId, 'lena');
    expect(shown).toBeUndefined();
    expect((await vote(holdId, { decision: 'approve', digest }, 'lena'))[0]).toBe(200);
  });

  test('on a page too, and a form that comes back does not begin to count anew', async () => {
    const { holdId, runId } = await high();
    const page = await openPage(world, await linkFor(world, holdId, 'frida'));
    const shown = /name="shown" value="([^"]*)"/.exec(page.markup)?.[1];
    const early = await send(world, page, { decision: 'approve', shown });
    expect(early.status).toBe(422);
    const again = await early.text();
    expect(again).toContain('dwell: look at it for 5 s');
    expect(again).toContain(`name="shown" value="${shown}"`);
    expect(await world.votesOf(runId)).toEqual([]);
    world.clock.ms += SECONDS * 1000;
    expect((await send(world, page, { decision: 'approve', shown })).status).toBe(200);
  });
});
