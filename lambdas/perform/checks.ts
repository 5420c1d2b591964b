import { approvedHold, argsOf, type Branch, type HoldOf } from '../journal/branch.ts';
import { digest } from '../journal/digest.ts';
import { fitText } from '../journal/fit.ts';
import type { BodyOf } from '../journal/records.ts';
import type { GrantRow } from '../journal/row-kinds.ts';
import type { Json, JsonObject } from '../json.ts';
import { barred, groupsOf } from '../oversight/authority.ts';
import { NOTHING, type Sums } from '../oversight/counters.ts';
import type { Directory } from '../oversight/directory.ts';
import { uncovered, type Wish } from '../oversight/grants.ts';
import type { Routes } from '../oversight/route.ts';
import { enough } from '../oversight/settle.ts';
import type { Gate } from '../policy/gate.ts';
import type { Ruling } from '../policy/ruling.ts';
import { fitObservation } from '../tools/fit-observation.ts';
import type { Observation } from '../tools/tool.ts';
import type { ToolBox } from '../tools/tool-box.ts';

/** What the checks come to. `ask` opens the question once more, with what has changed. */
export type Verdict =
  | {
      readonly as: 'go';
      readonly args: JsonObject;
      readonly digest: string;
      /** A standing grant lets it: one of its uses is to be taken. */
      readonly granted: boolean;
    }
  | { readonly as: 'no'; readonly why: string; readonly alarm?: true }
  | {
      readonly as: 'ask';
      readonly why: BodyOf<'again'>['why'];
      readonly detail: string;
      readonly ruling: Extract<Ruling, { decision: 'hold' }>;
    };

/** What the policy is told beside the action itself, as it was read. */
export interface Circumstances {
  /** What went to the same payee before. */
  readonly sums?: Sums;
  /** The grant that the action was allowed by, or why it is none any more. */
  readonly grant?: GrantRow | string;
}

export interface CheckDeps {
  readonly gate: Gate;
  readonly tools: ToolBox;
  readonly routes: Routes;
  readonly directory: Directory;
  readonly now: () => Date;
}

/** Of what has changed, with all of what is there now to be seen in the hold that asks about it. */
const MOST_DETAIL_BYTES = 4_000;

/** An approval may be used so long after its hold's expiry: what was approved in time is on its way. */
const USE_ALLOWANCE_MS = 60_000;

/**
 * Everything that stands between a settled wish and its effect, in this order. Perform trusts nobody upstream: it
 * reads the records and the world as they are now.
 *
 *  0. the run is no test of those who decide (T4), and the arguments still mean what they meant: a tool that has changed
 *     since is another tool (F28)
 *  1. the arguments to be sent hash to the digest that was ruled on, or shown (T2, I4)
 *  2. today's policy does not deny them (I5, F27)
 *  3. where today's policy asks for a person: there is an approval (I2), for these arguments (an edit approves
 *     nothing), on a route as strict as today's (T14), not used long after its time (I6), with its quorum of people
 *     who could still decide (T14, I3)
 *  4. the target is what it was when it was shown (T14)
 */
export async function check(
  deps: CheckDeps,
  run: BodyOf<'run'>,
  branch: Branch,
  beside: Circumstances = {},
): Promise<Verdict> {
  const { action } = branch;
  const args = argsOf(branch) as Json;
  const call = { runId: run.runId, actionId: branch.actionId };
  const ofArgs = { agent: run.agent, tool: action.tool, toolVersion: action.toolVersion, args };
  const approval = approvedHold(branch);
  const hold = approval?.opened?.body;

  const { tool } = deps.tools.find(run.agent, action.tool);
  if (tool.version !== action.toolVersion) {
    const why = `the tool has changed since this was proposed: version ${action.toolVersion} then, ${tool.version} now`;
    return { as: 'no', why };
  }
  if (run.canary && tool.replay !== 'safe') {
    const why = 'a test of attention: it was to be rejected, and is never performed';
    return { as: 'no', why, ...(approval ? { alarm: true } : {}) };
  }

  const shown = hold?.observed?.version;
  const proposed = argsOf(branch) === action.args;
  const own = digest(ofArgs);
  if (proposed && own !== action.digest) {
    return { as: 'no', why: 'the arguments are not those that were ruled on', alarm: true };
  }
  const bound = digest(shown === undefined ? ofArgs : { ...ofArgs, observed: shown });
  if (approval && (bound !== hold?.digest || bound !== approval.settled?.body.digest)) {
    return { as: 'no', why: 'the arguments are not those that were approved', alarm: true };
  }

  const facts = await deps.tools.gather(run.agent, action.tool, args, call).catch(() => undefined);
  const ruleWith = (sums: Sums | undefined, granted = false) =>
    deps.gate.rule({
      agent: run.agent,
      requester: run.requester,
      tool: action.tool,
      args,
      untrusted: branch.turn.body.untrusted === true,
      ...(facts ? { facts } : {}),
      ...(sums ? { counters: sums } : {}),
      granted,
    });
  const { sums } = beside;
  const { ruling, args: parsed } = ruleWith(sums);
  if (ruling.decision === 'deny' || !parsed)
    return { as: 'no', why: `denied by today's policy: ${ruling.reason}` };

  if (ruling.decision === 'hold') {
    const again = (why: BodyOf<'again'>['why'], detail: string) => ({
      as: 'ask' as const,
      why,
      detail,
      ruling,
    });
    /** What went to the same payee meanwhile asks for more than the action by itself would. */
    const stricter = (detail: string) => {
      const alone = sums && ruleWith(NOTHING).ruling;
      const eased =
        alone?.decision === 'allow' ||
        (alone?.decision === 'hold' &&
          strictness(deps.routes, alone.route) < strictness(deps.routes, ruling.route));
      return again(eased ? 'over limit' : 'stricter', detail);
    };
    const edited =
      branch.holds.findLast(({ asks }) => asks === 'approval')?.settled?.body.outcome === 'edited';
    if (edited) return again('edited', `the arguments were edited: ${ruling.reason}`);
    if (!approval || !hold) {
      if (beside.grant === undefined) return stricter(`policy now asks for a person: ${ruling.reason}`);
      const why = await whyUncovered(deps, run, beside.grant, { tool: action.tool, args: parsed, ruling });
      if (why !== undefined) return stricter(`the standing grant no longer counts: ${why}. ${ruling.reason}`);
      const { decision } = ruleWith(sums, true).ruling;
      if (decision === 'allow') return { as: 'go', args: parsed, digest: own, granted: true };
      return stricter(`policy now asks for a person, grant or not: ${ruling.reason}`);
    }
    if (strictness(deps.routes, ruling.route) > strictnessOf(deps.routes, branch, approval)) {
      return stricter(`policy now asks for the route ${ruling.route}: ${ruling.reason}`);
    }
    if (deps.now().getTime() > Date.parse(hold.expiresAt) + USE_ALLOWANCE_MS) {
      return again('stale', 'the approval was not used in time');
    }
    const authority = await presentAuthority(deps.directory, hold, approval);
    if (authority) return again('authority', authority);
  }

  if (hold?.observed) {
    const seen = await deps.tools.observe(run.agent, action.tool, args, call);
    const now = seen && fitObservation(seen);
    if (now?.version !== hold.observed.version) {
      const route =
        ruling.decision === 'hold' ? ruling : { ...ruling, decision: 'hold' as const, route: hold.route };
      return { as: 'ask', why: 'stale', detail: difference(hold.observed, now), ruling: route };
    }
  }
  return { as: 'go', args: parsed, digest: own, granted: false };
}

/** Why a grant does not cover this any more: it is gone, or its giver could not approve it today. */
async function whyUncovered(
  deps: CheckDeps,
  run: BodyOf<'run'>,
  grant: GrantRow | string,
  wish: Pick<Wish, 'tool' | 'args' | 'ruling'>,
): Promise<string | undefined> {
  if (typeof grant === 'string') return grant;
  const { agent } = deps.tools.find(run.agent, wish.tool);
  const giver = await deps.directory.find(grant.who);
  const whole = { run, agent, now: deps.now(), ...wish };
  return giver ? uncovered(grant, whole, giver.groups, deps.routes) : 'its giver is not in the directory';
}

/** A route that is gone is one that nothing can have been as strict as. */
const strictness = (routes: Routes, name: string) => routes[name]?.strictness ?? Number.POSITIVE_INFINITY;

/** Of the routes that one question has been through, the strictest: being passed on makes no approval weaker. */
function strictnessOf(routes: Routes, branch: Branch, approval: HoldOf): number {
  const levels = branch.holds.slice(approval.number - approval.level, approval.number + 1);
  return Math.max(...levels.map((level) => routes[level.route]?.strictness ?? Number.NEGATIVE_INFINITY));
}

/** Why those who approved could not approve today, or undefined where they could. Counts anew, trusting no sum. */
async function presentAuthority(
  directory: Directory,
  hold: BodyOf<'hold'>,
  approval: HoldOf,
): Promise<string | undefined> {
  const votes = (approval.settled?.body.votes ?? []).filter(
    (vote) => vote.decision === 'approve' && vote.at <= hold.expiresAt,
  );
  const members = await Promise.all(votes.map(({ who }) => directory.find(who)));
  const lost = votes.filter((_, i) => barred(hold, members[i]) !== undefined);
  const present = members.flatMap((member) =>
    member && barred(hold, member) === undefined
      ? [{ body: { who: member.id, groups: groupsOf(hold, member) } }]
      : [],
  );
  if (enough(present, hold)) return undefined;
  return lost.length > 0
    ? `no longer entitled to approve: ${lost.map((vote) => vote.who).join(', ')}`
    : 'the approvals do not make the quorum';
}

/** For people: "balance was 120.00, is 80.00". */
function difference(before: Observation, now: Observation | undefined): string {
  if (!now) return 'what it would change can no longer be read';
  const names = [...new Set([...Object.keys(before.facts), ...Object.keys(now.facts)])];
  const changed = names
    .filter((name) => before.facts[name] !== now.facts[name])
    .map((name) => `${name} was ${before.facts[name] ?? 'absent'}, is ${now.facts[name] ?? 'absent'}`);
  return fitText(changed.join('; '), MOST_DETAIL_BYTES) || 'what it would change has changed';
}
