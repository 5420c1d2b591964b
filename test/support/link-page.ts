import { parseHoldId } from '../../lambdas/journal/keys.ts';
import type { World } from './api-world.ts';

const ORIGIN = 'http://localhost';

/** The link of one approver to one hold, until its route's own limit unless told otherwise. */
export async function linkFor(world: World, holdId: string, who: string, hours = 24): Promise<string> {
  const at = parseHoldId(holdId);
  if (!at) throw new Error(`not a holdId: ${holdId}`);
  return world.links.sign(at, who, new Date(world.clock.ms + hours * 3_600_000));
}

/** What a browser knows of a page that it opened. */
export interface Opened {
  readonly path: string;
  readonly status: number;
  readonly markup: string;
  readonly cookie: string;
  readonly fields: { readonly csrf: string; readonly digest: string; readonly challenge: string };
}

const between = (text: string, before: RegExp) => before.exec(text)?.[1] ?? '';

export async function openPage(world: Pick<World, 'api'>, path: string): Promise<Opened> {
  const answer = await world.api.request(path);
  const markup = await answer.text();
  return {
    path,
    status: answer.status,
    markup,
    cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
    fields: {
      csrf: between(markup, /name="csrf" value="([^"]*)"/),
      digest: between(markup, /name="digest" value="([^"]*)"/),
      challenge: between(markup, /id="code">([A-Z]*)</),
    },
  };
}

/** Sends a page's form as a browser does. `undefined` leaves a header or a field out. */
export function send(
  world: Pick<World, 'api'>,
  page: Opened,
  fields: Readonly<Record<string, string | undefined>>,
  headers: Readonly<Record<string, string | undefined>> = {},
): Promise<Response> {
  const all = Object.entries({ ...page.fields, ...fields }).filter(([, value]) => value !== undefined);
  const sent = {
    'content-type': 'application/x-www-form-urlencoded',
    origin: ORIGIN,
    cookie: page.cookie,
    ...headers,
  };
  return Promise.resolve(
    world.api.request(page.path, {
      method: 'POST',
      body: new URLSearchParams(all as [string, string][]).toString(),
      headers: Object.fromEntries(
        Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
    }),
  );
}
