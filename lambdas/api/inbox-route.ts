import type { OpenAPIHono } from '@hono/zod-openapi';
import { parseHoldId } from '../journal/keys.ts';
import type { HoldRow } from '../journal/row-kinds.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { itemOf, mayDecide, mostUrgentFirst } from './hold-routes.ts';
import { type InboxItem, inboxPage } from './pages/inbox-page.ts';
import { answerPage } from './pages/layout.ts';
import { notFound } from './problem.ts';

/** A page that a browser was made to open under another name (DNS rebinding) must not hand out links. */
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const MOST_ITEMS = 100;

/** The demonstration inbox of one machine: whoever opens it plays every approver. */
export function addInboxRoute(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.get('/', async (c) => {
    if (!deps.localInbox || !LOOPBACK.includes(new URL(c.req.url).hostname)) throw notFound();
    const page = await deps.rows.due('hold', undefined, { limit: MOST_ITEMS });
    const now = deps.now();
    const open = page.items.filter((row) => now.toISOString() <= row.expiresAt);
    const items = await Promise.all(mostUrgentFirst(open).map((row) => inboxItem(deps, row)));
    return answerPage(inboxPage(items, page.next !== undefined, now), 200);
  });
}

async function inboxItem(deps: ApiDeps, row: HoldRow): Promise<InboxItem> {
  const { asks, title, tier, openedAt, expiresAt } = itemOf(deps, row);
  const at = parseHoldId(row.id);
  const members = (await deps.directory.members(row.groups)).filter((member) => mayDecide(row, member));
  const links = await deps.links();
  const approvers = await Promise.all(
    members.flatMap(({ id, name }) =>
      at ? [links.sign(at, id, new Date(expiresAt)).then((path) => ({ name, href: `.${path}` }))] : [],
    ),
  );
  return { asks, title, tier, openedAt, expiresAt, approvers };
}
