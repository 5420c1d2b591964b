import { type Problem, Problems } from '../policy/problem.ts';
import { Route, type RouteInput, type Routes } from './route.ts';

/** Parses a table of routes. @throws Problems everything wrong with it, by route and field. */
export const defineRoutes = (table: Readonly<Record<string, RouteInput>>): Routes => {
  const problems = checkRoutes(table);
  if (problems.length > 0) throw new Problems(problems);
  return Object.fromEntries(Object.entries(table).map(([name, route]) => [name, Route.parse(route)]));
};

/** What is wrong with a table of routes: fields, quorums nobody can reach, next routes that lead nowhere or in a circle. */
export const checkRoutes = (table: Readonly<Record<string, RouteInput>>): Problem[] => {
  const problems: Problem[] = [];
  const wrong = (name: string, field: string, message: string) =>
    problems.push({ at: `route ${name}, ${field}`, message });

  const routes = new Map<string, Route>();
  for (const [name, input] of Object.entries(table)) {
    const parsed = Route.safeParse(input);
    if (parsed.success) routes.set(name, parsed.data);
    for (const { path, message } of parsed.error?.issues ?? [])
      wrong(name, path.join('.') || 'itself', message);
  }
  for (const [name, route] of routes) {
    const groups = new Set(route.groups);
    if (groups.size < route.groups.length) wrong(name, 'groups', 'a group is named twice');
    if (route.distinctGroups > groups.size) {
      wrong(name, 'distinctGroups', `${route.distinctGroups} of only ${groups.size} groups can never vote`);
    }
    if (route.distinctGroups > route.quorum) {
      wrong(
        name,
        'distinctGroups',
        `${route.distinctGroups} groups need a quorum of as many, not ${route.quorum}`,
      );
    }
    if (route.warnAt !== undefined && route.warnAt <= route.remindAt) {
      wrong(name, 'warnAt', `the warning comes after the reminder, which is at ${route.remindAt}`);
    }
    if (route.next === undefined) continue;
    const next = routes.get(route.next);
    if (!(route.next in table)) {
      wrong(name, 'next', `unknown route "${route.next}"; known: ${Object.keys(table).join(', ')}`);
    } else if (next && next.strictness < route.strictness) {
      // Perform rules again: what a looser route approves would only be asked again.
      wrong(
        name,
        'next',
        `"${route.next}" is less strict (${next.strictness}) than this route (${route.strictness})`,
      );
    }
    if (inCircle(name, routes)) wrong(name, 'next', 'leads back to this route');
  }
  return problems;
};

const inCircle = (start: string, routes: ReadonlyMap<string, Route>): boolean => {
  const seen = new Set<string>();
  for (let name = routes.get(start)?.next; name !== undefined; name = routes.get(name)?.next) {
    if (name === start) return true;
    if (seen.has(name)) return false;
    seen.add(name);
  }
  return false;
};
