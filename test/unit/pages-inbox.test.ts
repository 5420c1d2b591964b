import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from '../support/api-world.ts';
import { linkFor, openPage } from '../support/link-page.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe('questions of the same turn', () => {
  test('are listed by title, with links for the same person alone', async () => {
    const email = {
      tool: 'send_email',
      args: { customerId: 'C-1002', to: 'a@example.com', subject: 'Hello', body: 'Secret body' },
    };
    const wire = {
      tool: 'delete_record',
      args: { table: 'orders', id: 'O-5001' },
      route: 'finance',
      tier: 'critical' as const,
    };
    const { holds } = await world.ask({}, email, wire);
    const page = await openPage(world, await linkFor(world, holds[0] ?? '', 'lena'));
    expect(page.markup).toContain('Send an email about customer C-1002 to a@example.com');
    expect(page.markup).not.toContain('Secret body');
    expect(page.markup).not.toContain('Delete O-5001');
    const [, link = ''] = /<a href="\.\/([^"]+)"/.exec(page.markup) ?? [];
    const opened = await world.links.open(link);
    expect(opened).toMatchObject({ as: 'valid', who: 'lena' });
    expect((await openPage(world, `/h/${link}`)).markup).toContain('Secret body');
  });
});

describe('the inbox of one machine', () => {
  test('lists open holds without arguments, each with a link for everyone who may decide', async () => {
    const own = await createWorld({ localInbox: true });
    const { holdId } = await own.ask();
    const markup = await (await own.api.request('/')).text();
    expect(markup).toContain('Refund 120.00 EUR');
    expect(markup).toContain('Local demonstration');
    expect(markup).not.toContain('Headphones');
    const links = [...markup.matchAll(/href="\.(\/h\/[^"]+)">Decide as <bdi[^>]*>([^<]*)</g)];
    expect(links.map((link) => link[2])).toEqual(['Lena (support lead)', 'Leo (support lead)']);
    expect((await openPage(own, links[0]?.[1] ?? '')).status).toBe(200);
    await own.vote(holdId, 'lena', { decision: 'approve' });
    expect(await (await own.api.request('/')).text()).toContain('Nothing waits');
    await own.close();
  });

  test('is not there under any other name, nor where it was not asked for', async () => {
    const own = await createWorld({ localInbox: true });
    expect((await own.api.request('http://rebound.example/')).status).toBe(404);
    expect((await own.api.request('http://127.0.0.1:3000/')).status).toBe(200);
    expect((await world.api.request('/')).status).toBe(404);
    await own.close();
  });
});
