import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { canonical } from '../journal/digest.ts';
import type { JsonObject } from '../json.ts';
import type { Member } from '../oversight/directory.ts';
import { type GrantTerms, limitsLike } from '../oversight/grant-terms.ts';
import { giveGrant } from '../oversight/grants.ts';
import type { ApiDeps } from './deps.ts';
import { termErrors } from './grant-routes.ts';
import type { HoldView } from './hold-view.ts';
import { type FieldError, HttpProblem } from './problem.ts';
import type { GrantMore, VoteRequest } from './schemas.ts';

type Vote = z.infer<typeof VoteRequest>;

/** What is wrong with a grant that is to be given with a vote. */
export function grantErrors(deps: ApiDeps, view: HoldView, { decision, grant }: Vote): FieldError[] {
  if (grant === undefined) return [];
  const no = (detail: string): FieldError[] => [{ field: 'grant', detail }];
  const { hold, definition } = view;
  if (decision !== 'approve') return no('only an approval can allow more like it');
  if (hold.asks !== 'approval' || !definition) return no('this hold asks for no approval');
  if (hold.quorum > 1 || hold.distinctGroups > 1) return no('you do not decide alone on this route');
  if (hold.tier === 'critical') return no('nothing critical is granted in advance');
  return termErrors(deps, termsOf(view, grant), 'grant.');
}

/**
 * Gives the grant that goes with a counted vote. It follows from hold and voter: the same vote again gives no other.
 * @throws HttpProblem where one with other terms was given
 */
export async function grantWithVote(
  deps: ApiDeps,
  view: HoldView,
  member: Member,
  { grant, comment }: Vote,
): Promise<string | undefined> {
  if (grant === undefined) return undefined;
  const hash = createHash('sha256').update(`${view.holdId}#${member.id}`).digest('base64url');
  const reason = comment?.trim() || `given with the approval of ${view.holdId}`;
  const of = { id: hash.slice(0, 12), who: member.id, groups: member.groups, reason: reason.slice(0, 500) };
  const terms = termsOf(view, grant);
  const given = await giveGrant(deps, { ...of, ...terms });
  if (!sameTerms(given, terms)) {
    throw new HttpProblem(409, 'another grant was given with this vote', { more: { grantId: given.id } });
  }
  return given.id;
}

const sameTerms = (...both: readonly Pick<GrantTerms, 'until' | 'uses' | 'limits'>[]) =>
  new Set(both.map(({ until, uses, limits }) => canonical({ until, uses, limits }))).size === 1;

function termsOf({ run, tool, definition, args }: HoldView, more: z.infer<typeof GrantMore>): GrantTerms {
  const { until, uses, limits } = more;
  const like = definition ? limitsLike(definition, args as JsonObject) : {};
  return { agent: run.agent, tool, until, uses, limits: { ...like, ...limits } };
}
