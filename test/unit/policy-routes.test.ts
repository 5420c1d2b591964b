import { describe, expect, it } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import { checkRoutes, defineRoutes } from '../../lambdas/oversight/check-routes.ts';
import type { RouteInput } from '../../lambdas/oversight/route.ts';
import { routes, suspiciousRoute } from '../../lambdas/oversight/routes.ts';
import { sharedEngine } from '../../lambdas/policy/engine.ts';
import { loadPolicies, readPolicies } from '../../lambdas/policy/load.ts';

const route = (changes: Partial<RouteInput> = {}): RouteInput => ({
  groups: ['support'],
  quorum: 1,
  fourEyes: true,
  limitSeconds: 60,
  strictness: 10,
  ...changes,
});
const said = (table: Record<string, RouteInput>) =>
  checkRoutes(table).map(({ at, message }) => `${at}: ${message}`);

describe('the table of routes', () => {
  it('of the sample is sound, has its defaults filled in, and knows the route for odd text', () => {
    expect(routes.critical).toMatchObject({
      quorum: 2,
      distinctGroups: 2,
      onExpiry: 'tell',
      limitSeconds: 7_200,
    });
    expect(routes['in-doubt']).toMatchObject({ fourEyes: false, limitSeconds: 604_800 });
    expect(routes).toHaveProperty(suspiciousRoute);
  });

  it('of the sample brings others in by half of the time that a critical question has', () => {
    const { policies } = loadPolicies(readPolicies(), { agents: [support], routes, engine: sharedEngine });
    const critical = [...policies.values()].flatMap((policy) =>
      'route' in policy && policy.tier === 'critical' ? [policy.route] : [],
    );
    expect(critical.length).toBeGreaterThan(0);
    for (const name of critical) {
      const first = routes[name] ?? expect.fail();
      const second = routes[first.next ?? ''] ?? expect.fail();
      expect(first.limitSeconds).toBeLessThanOrEqual((first.limitSeconds + second.limitSeconds) / 2);
      expect(second.groups.filter((group) => !first.groups.includes(group))).not.toEqual([]);
      expect(second.strictness).toBeGreaterThanOrEqual(first.strictness);
    }
  });

  it('is refused whole, with route and field', () => {
    expect(() => defineRoutes({ a: route({ quorum: 0 }), b: route({ limitSeconds: 0 }) })).toThrow(
      /route a, quorum: .*\nroute b, limitSeconds: /,
    );
  });

  it.each<[string, Record<string, RouteInput>, string]>([
    [
      'an unknown next',
      { a: route({ next: 'c' }), b: route() },
      'route a, next: unknown route "c"; known: a, b',
    ],
    ['itself as next', { a: route({ next: 'a' }) }, 'route a, next: leads back to this route'],
    [
      'a looser next',
      { a: route({ next: 'b' }), b: route({ strictness: 9 }) },
      'route a, next: "b" is less strict (9) than this route (10)',
    ],
    [
      'more groups than it has',
      { a: route({ quorum: 2, distinctGroups: 2 }) },
      'route a, distinctGroups: 2 of only 1 groups can never vote',
    ],
    [
      'more groups than votes',
      { a: route({ groups: ['x', 'y'], distinctGroups: 2 }) },
      'route a, distinctGroups: 2 groups need a quorum of as many, not 1',
    ],
    ['a group twice', { a: route({ groups: ['x', 'x'] }) }, 'route a, groups: a group is named twice'],
    [
      'an unknown field',
      { a: { ...route(), quorom: 2 } as RouteInput },
      'route a, itself: Unrecognized key: "quorom"',
    ],
  ])('refuses %s', (_, table, expected) => {
    expect(said(table)).toEqual([expected]);
  });

  it('finds circles of several routes, and blames only those in it', () => {
    const table = { a: route({ next: 'b' }), b: route({ next: 'c' }), c: route({ next: 'b' }), d: route() };
    expect(said(table)).toEqual([
      'route b, next: leads back to this route',
      'route c, next: leads back to this route',
    ]);
  });
});
