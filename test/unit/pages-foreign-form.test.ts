import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from '../support/api-world.ts';
import { linkFor, openPage, send } from '../support/link-page.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const asked = async () => {
  const { holdId, runId } = await world.ask();
  return { holdId, runId, path: await linkFor(world, holdId, 'lena') };
};

describe('T19: a form from elsewhere', () => {
  test.each([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://localhost:8080' }],
    ['a null origin', { origin: 'null' }],
    ['neither origin nor referer', { origin: undefined }],
    ['a foreign referer', { origin: undefined, referer: 'https://evil.example/h/x' }],
    ['a referer that is no URL', { origin: undefined, referer: 'localhost' }],
    ['no cookie', { cookie: undefined }],
    ['a made-up cookie', { cookie: 'holdpoint-0123456789abcdef=AAAAAAAAAAAAAAAAAAAAAA' }],
  ] as [string, Record<string, string | undefined>][])('with %s is refused', async (_, headers) => {
    const { path, runId } = await asked();
    const answer = await send(world, await openPage(world, path), { decision: 'approve' }, headers);
    expect(answer.status).toBe(403);
    expect(await world.votesOf(runId)).toEqual([]);
  });

  test('with a missing token, or with that of another link or visit, is refused', async () => {
    const { path, holdId, runId } = await asked();
    const page = await openPage(world, path);
    const again = await openPage(world, path);
    const others = await openPage(world, await linkFor(world, holdId, 'leo'));
    const own = { decision: 'approve' };
    for (const csrf of [undefined, '', 'x', others.fields.csrf, again.fields.csrf]) {
      expect((await send(world, page, { ...own, csrf })).status).toBe(403);
    }
    const spoilt = { cookie: others.cookie };
    expect((await send(world, page, { ...own, csrf: others.fields.csrf }, spoilt)).status).toBe(403);
    // Not even with the cookie of the other link, renamed to ours.
    const renamed = { cookie: `${page.cookie.split('=')[0]}=${others.cookie.split('=')[1]}` };
    expect((await send(world, page, { ...own, csrf: others.fields.csrf }, renamed)).status).toBe(403);
    expect(await world.votesOf(runId)).toEqual([]);
    expect((await send(world, again, own)).status).toBe(200);
  });

  test('with a referer of ours and no origin is not one', async () => {
    const { path } = await asked();
    const headers = { origin: undefined, referer: `http://localhost${path}` };
    const answer = await send(world, await openPage(world, path), { decision: 'approve' }, headers);
    expect(answer.status).toBe(200);
  });

  test('cannot get at the cookie, which a browser keeps for our own pages', async () => {
    const { path } = await asked();
    const cookie = (await world.api.request(path)).headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict/);
    expect(cookie).not.toContain('Secure');
    const secure = await world.api.request(`https://holdpoint.example${path}`);
    expect(secure.headers.get('set-cookie')).toMatch(/; Secure/);
  });

  test('is judged by the configured address too', async () => {
    const own = await createWorld({ publicUrl: 'https://approvals.example/prod' });
    const { holdId } = await own.ask();
    const page = await openPage(own, await linkFor(own, holdId, 'lena'));
    const answer = await send(own, page, { decision: 'approve' }, { origin: 'https://approvals.example' });
    expect(answer.status).toBe(200);
    await own.close();
  });
});
