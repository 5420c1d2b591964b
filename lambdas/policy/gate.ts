import type { Context } from '@cedar-policy/cedar-wasm/nodejs';
import type { JsonObject } from '../json.ts';
import type { Routes } from '../oversight/route.ts';
import type { Actors } from './cedar-schema.ts';
import { type Engine, sharedEngine } from './engine.ts';
import { createJudge } from './judge.ts';
import type { PolicyFile } from './lint.ts';
import { loadPolicies, readPolicies } from './load.ts';
import { visible } from './odd-characters.ts';
import { createReader, type Proposal } from './proposal.ts';
import type { Ruling, Tier } from './ruling.ts';
import { stricter, type Verdict } from './verdict.ts';

export interface GateOptions {
  readonly agents: Actors;
  readonly routes: Routes;
  /** Where a person looks at free text with odd characters, whatever the policy says. */
  readonly suspiciousRoute: string;
  /** A folder, or the texts. @default the folder of this code */
  readonly policies?: string | readonly PolicyFile[];
  /** The alarm: an evaluation failed. The ruling is deny, and nothing is thrown. */
  readonly onError?: (error: Error) => void;
  /** @default the one of this process */
  readonly engine?: Engine;
}

export interface Ruled {
  readonly ruling: Ruling;
  /** The arguments, once they are known to fit the tool's schema; equal to what was proposed. */
  readonly args?: JsonObject;
}

export interface Gate {
  /** SHA-256 (hex) over the policies and the schema. */
  readonly policyVersion: string;
  /** Total: any value whatever gets a ruling, and nothing is ever thrown. */
  rule(proposal: Proposal): Ruled;
}

/** @throws Problems everything that is wrong with policies or tool schemas. */
export const createGate = (options: GateOptions): Gate => {
  const { agents, routes, suspiciousRoute, onError, policies, engine = sharedEngine } = options;
  if (!routes[suspiciousRoute]) throw new Error(`suspiciousRoute: unknown route "${suspiciousRoute}"`);
  const files = typeof policies === 'object' ? policies : readPolicies(policies);
  const set = loadPolicies(files, { agents, routes, engine });
  const read = createReader(agents);
  const judge = createJudge(set, { routes, engine });

  const alarm = (message: string, cause: unknown): void => {
    try {
      onError?.(new Error(`${message}: ${cause instanceof Error ? cause.message : 'unknown'}`, { cause }));
    } catch {
      // An alarm that fails must not turn a denial into a throw.
    }
  };

  const weigh = (proposal: Proposal): { verdict: Verdict; args?: JsonObject } => {
    const reading = read(proposal);
    if (!reading.ok) return { verdict: deny(reading.reason, reading.tier), ...withArgs(reading.args) };
    const { tool, args, facts, counters, odd } = reading;
    const { agent, requester, granted = false } = proposal;
    const ask = (untrusted: boolean): Verdict => {
      const context = {
        args,
        granted: granted === true,
        requester,
        tier: tool.tier,
        untrusted,
        ...(facts ? { facts } : {}),
        ...(counters ? { counters } : {}),
      };
      return judge({ agent, tool: tool.name, tier: tool.tier, context: context as Context });
    };
    try {
      const trusted = ask(false);
      // Monotone whatever the policies say: untrusted input never makes a ruling weaker.
      const verdict = proposal.untrusted === false ? trusted : stricter(ask(true), trusted, routes);
      if (odd === undefined || verdict.decision === 'deny') return { verdict, args };
      const look: Verdict = { ...verdict, decision: 'hold', route: suspiciousRoute, tier: 'high' };
      return { verdict: { ...stricter(look, verdict, routes), reason: `${odd}; ${verdict.reason}` }, args };
    } catch (error) {
      alarm(`the policy failed on ${tool.name}`, error);
      return { verdict: deny('the policy could not be evaluated', tool.tier), args };
    }
  };

  return {
    policyVersion: set.version,
    rule(proposal) {
      try {
        const { verdict, args } = weigh(proposal);
        return { ruling: rulingOf(verdict, set.version), ...withArgs(args) };
      } catch (error) {
        alarm('the gate failed', error);
        return { ruling: rulingOf(deny('the proposal could not be ruled on'), set.version) };
      }
    },
  };
};

/** Where not even the tool is known, the worst is assumed. */
const deny = (reason: string, tier: Tier = 'critical'): Verdict => ({
  decision: 'deny',
  tier,
  policies: [],
  reason,
});

const withArgs = (args: JsonObject | undefined) => (args ? { args } : {});

const rulingOf = ({ decision, route, tier, policies, reason }: Verdict, policyVersion: string): Ruling => {
  const said = { tier, policyVersion, policies: [...policies], reason: visible(reason).slice(0, 1000) };
  return decision === 'hold' ? { decision, route: route ?? '', ...said } : { decision, ...said };
};
