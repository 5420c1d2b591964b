import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Routes } from '../oversight/route.ts';
import { didYouMean, type Problem } from './problem.ts';
import { TIERS, Tier } from './ruling.ts';
import { placeOf, type Statement } from './statements.ts';

/** What a policy says beside its condition; its `@id` is its Cedar policy id too. */
export type Policy = { readonly id: string; readonly text: string } & (
  | { readonly says: 'allow'; readonly tier?: Tier; readonly reason?: string }
  | { readonly says: 'hold'; readonly tier: Tier; readonly route: string; readonly reason?: string }
  | { readonly says: 'forbid'; readonly tier?: Tier; readonly reason: string }
);

const DECISIONS = ['allow', 'hold'];

/** Closed lists: Cedar itself accepts any annotation, so a misspelt one would silently mean nothing. */
const KNOWN = {
  allow: { required: ['id', 'decision'], optional: ['tier', 'reason'] },
  hold: { required: ['id', 'decision', 'route', 'tier'], optional: ['reason'] },
  permit: { required: ['id', 'decision'], optional: ['route', 'tier', 'reason'] },
  forbid: { required: ['id', 'reason'], optional: ['tier'] },
} as const;

const EVERY = ['id', 'decision', 'route', 'tier', 'reason'];

/** Checks one policy's annotations, and reads them when they are right. */
export const readAnnotations = (
  statement: Statement,
  json: PolicyJson,
  routes: Routes,
): { policy?: Policy; problems: Problem[] } => {
  const values: Readonly<Record<string, string | null>> = json.annotations ?? {};
  const decision = values.decision;
  const kind =
    json.effect === 'forbid' ? 'forbid' : decision === 'allow' || decision === 'hold' ? decision : 'permit';
  const known: readonly string[] = [...KNOWN[kind].required, ...KNOWN[kind].optional];
  const problems: Problem[] = [];
  const wrong = (message: string, annotation?: string) =>
    problems.push({ at: placeOf(statement, annotation), message });

  for (const name of Object.keys(values).filter((name) => !known.includes(name))) {
    const taken = known.map((each) => `@${each}`);
    const list = taken.join(', ');
    if (EVERY.includes(name)) wrong(`@${name} does not belong on this ${kind}; it takes ${list}`, name);
    else wrong(`unknown annotation @${name}${didYouMean(`@${name}`, taken)}; known here: ${list}`, name);
  }
  for (const name of KNOWN[kind].required) {
    if (!(name in values)) wrong(`${kind} needs @${name}("…")`);
    else if (!values[name]) wrong(`@${name} needs a value`, name);
  }
  const { id, route, tier, reason } = values;
  const oneOf = (name: string, value: string | null | undefined, options: readonly string[]) => {
    if (!value || !known.includes(name) || options.includes(value)) return;
    wrong(`unknown ${name} "${value}"${didYouMean(value, options)}; known: ${options.join(', ')}`, name);
  };
  if (id && !/^[A-Za-z0-9][\w.-]*$/.test(id)) wrong('@id takes letters, digits, ".", "_" and "-"', 'id');
  oneOf('decision', decision, DECISIONS);
  oneOf('route', route, Object.keys(routes));
  oneOf('tier', tier, TIERS);
  if (problems.length > 0) return { problems };

  const base = { id: id ?? '', text: statement.text, ...(reason ? { reason } : {}) };
  const tiered = tier ? { tier: Tier.parse(tier) } : {};
  if (kind === 'forbid')
    return { policy: { ...base, says: 'forbid', reason: reason ?? '', ...tiered }, problems };
  if (kind === 'hold')
    return { policy: { ...base, says: 'hold', route: route ?? '', tier: Tier.parse(tier) }, problems };
  return { policy: { ...base, says: 'allow', ...tiered }, problems };
};
