import type { Context } from '@cedar-policy/cedar-wasm/nodejs';
import type { Routes } from '../oversight/route.ts';
import { RUN } from './cedar-schema.ts';
import type { Cedar, Engine } from './engine.ts';
import type { PolicySet } from './load.ts';
import type { Tier } from './ruling.ts';
import { together, type Verdict } from './verdict.ts';

export interface Question {
  readonly agent: string;
  readonly tool: string;
  /** The tool's own tier. */
  readonly tier: Tier;
  readonly context: Context;
}

/**
 * Asks Cedar, request checked against the schema, so that arguments cannot become entities.
 * @throws Error on *any* evaluation error: Cedar skips a `forbid` that errs and says allow.
 */
export const createJudge = (set: PolicySet, { routes, engine }: { routes: Routes; engine: Engine }) => {
  const staticPolicies = Object.fromEntries([...set.policies].map(([id, { text }]) => [id, text]));
  let prepared: Cedar | undefined;
  const prepare = (cedar: Cedar): void => {
    if (prepared === cedar) return;
    const answers = [
      cedar.preparseSchema(set.version, set.schema),
      cedar.preparsePolicySet(set.version, { staticPolicies }),
    ];
    for (const answer of answers) if (answer.type === 'failure') throw failure(answer.errors);
    prepared = cedar;
  };
  engine.call(prepare);

  return ({ agent, tool, tier, context }: Question): Verdict => {
    const answer = engine.call((cedar) => {
      prepare(cedar);
      return cedar.statefulIsAuthorized({
        principal: { type: 'Agent', id: agent },
        action: { type: 'Action', id: tool },
        resource: { type: 'Run', id: RUN },
        context,
        entities: [],
        preparsedSchemaName: set.version,
        preparsedPolicySetId: set.version,
        validateRequest: true,
      });
    });
    if (answer.type === 'failure') throw failure(answer.errors);
    const { decision, diagnostics } = answer.response;
    if (diagnostics.errors.length > 0) throw failure(diagnostics.errors.map(({ error }) => error));
    const named = new Set(diagnostics.reason);
    // In their own order: Cedar's is another each time, and the same question is to get the same ruling.
    const satisfied = [...set.policies].flatMap(([id, policy]) => (named.delete(id) ? policy : []));
    for (const id of named) throw new Error(`Cedar names a policy that is not in the set: ${id}`);
    const verdict = together(satisfied, tier, routes);
    if ((verdict.decision === 'deny') !== (decision === 'deny'))
      throw new Error('Cedar and its reasons disagree');
    return verdict;
  };
};

const failure = (errors: readonly { readonly message: string }[]): Error =>
  new Error(errors.map(({ message }) => message).join('; '));
