import { parseHoldId } from '../journal/keys.ts';
import type { Directory, Member } from '../oversight/directory.ts';
import type { ApiDeps } from './deps.ts';
import { factsOf } from './facts.ts';
import { mayDecide } from './hold-routes.ts';
import type { HoldView } from './hold-view.ts';

/** Names of everybody whom a hold's page speaks of. */
export async function namesFor(
  { directory }: { readonly directory: Directory },
  view: HoldView,
): Promise<ReadonlyMap<string, string>> {
  const ids = [
    ...new Set([view.run.requester, ...view.votes.flatMap(({ body }) => [body.who, body.to ?? []].flat())]),
  ];
  const members = await Promise.all(ids.map((id) => directory.find(id)));
  return new Map(members.flatMap((member) => (member ? [[member.id, member.name] as const] : [])));
}

/** Other open holds of the same turn that this person may decide: titles, and links of their own. */
export async function siblingsOf(
  deps: ApiDeps,
  view: HoldView,
  member: Member,
): Promise<{ title: string; href: string }[]> {
  const { runId, actionId } = view.at;
  const ofTurn = `${runId}.${actionId.slice(0, actionId.indexOf('.'))}.`;
  const rows = await deps.rows.list('hold', ofTurn);
  const now = deps.now().toISOString();
  const links = await deps.links();
  const open = rows.filter((row) => row.id !== view.holdId && mayDecide(row, member) && now <= row.expiresAt);
  return Promise.all(
    open.flatMap((row) => {
      const at = parseHoldId(row.id);
      const definition = deps.tools.agent(row.agent)?.tools.find(({ name }) => name === row.tool);
      const { title } = factsOf(row.tool, definition, row.args);
      return at
        ? [links.sign(at, member.id, new Date(row.expiresAt)).then((path) => ({ title, href: beside(path) }))]
        : [];
    }),
  );
}

/** `/h/LINK` as seen from another page there, whatever stands in front of `/h`. */
const beside = (path: string) => `./${path.slice('/h/'.length)}`;
