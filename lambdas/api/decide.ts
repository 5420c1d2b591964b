import type * as z from 'zod';
import { canonical } from '../journal/digest.ts';
import type { JsonObject } from '../json.ts';
import { barred } from '../oversight/authority.ts';
import { challengeOf, meetsChallenge, needsChallenge } from '../oversight/challenge.ts';
import type { Member } from '../oversight/directory.ts';
import { needsDwell, shownFor } from '../oversight/dwell.ts';
import { type Ballot, type Cast, castVote } from '../oversight/vote.ts';
import { plainJson } from '../policy/plain-json.ts';
import { noteVote } from './approver-routes.ts';
import type { ApiDeps } from './deps.ts';
import type { HoldView } from './hold-view.ts';
import { type FieldError, fieldErrors } from './problem.ts';

export type Decided =
  | Exclude<Cast, { as: 'unfit' }>
  | { readonly as: 'unfit'; readonly errors: readonly FieldError[] };

export type Given = Omit<Ballot, 'who'> & {
  readonly challenge: string | undefined;
  /** What said when the hold was shown. */
  readonly shown?: string | undefined;
};

/** Casts a person's vote, by link or by token, once what they sent can be a vote at all. */
export async function decide(deps: ApiDeps, view: HoldView, member: Member, given: Given): Promise<Decided> {
  const { challenge, shown, args, ...rest } = given;
  const errors = args === undefined ? [] : misfits(view, args);
  if (errors.length > 0) return { as: 'unfit', errors };
  // As they will be stored, so that the same edit with other key order is the same vote.
  const ballot = args === undefined ? rest : { ...rest, args: JSON.parse(canonical(args)) as JsonObject };
  // Asked of those alone who could still decide: everybody else is told how things stand, challenge or not.
  const decidable =
    view.status === 'open' &&
    barred(view.hold, member) === undefined &&
    ballot.digest === view.hold.digest &&
    !view.votes.some((vote) => vote.body.who === member.id);
  if (decidable && needsChallenge(view.hold.tier, ballot.via)) {
    const expected = challengeOf(await deps.secret(), challengeFor(view, member));
    if (!meetsChallenge(challenge, expected)) {
      return { as: 'unfit', errors: [{ field: 'challenge', detail: challengeDetail(given) }] };
    }
  }
  // It would approve nothing, and keep its voter from approving.
  if (decidable && ballot.decision === 'edit' && args && canonical(args) === canonical(view.args)) {
    return { as: 'unfit', errors: [{ field: 'args', detail: 'these are the arguments as they are' }] };
  }
  if (decidable) {
    const early = await tooEarly(deps, view, member, ballot.decision, shown);
    if (early) return { as: 'unfit', errors: [early] };
  }
  const cast = await castVote(deps, view.at, { ...ballot, who: member.id });
  if (cast.as === 'counted') await noteVote(deps, view, cast.vote);
  if (cast.as === 'forbidden') {
    deps.report('a vote was refused', { holdId: view.holdId, who: member.id, detail: cast.why });
  }
  return cast.as === 'unfit' ? { as: 'unfit', errors: [{ field: cast.field, detail: cast.why }] } : cast;
}

export const challengeFor = (view: HoldView, member: Member) => ({
  holdId: view.holdId,
  who: member.id,
  digest: view.hold.digest,
});

async function tooEarly(
  deps: ApiDeps,
  view: HoldView,
  member: Member,
  decision: string,
  shown: string | undefined,
): Promise<FieldError | undefined> {
  const { dwellSeconds = 0 } = deps;
  if (dwellSeconds === 0 || !needsDwell(view.hold.tier, decision)) return undefined;
  const seconds = shownFor(await deps.secret(), challengeFor(view, member), shown ?? '', deps.now());
  if (seconds === undefined) {
    return { field: 'shown', detail: 'send back what GET /holds/{holdId} gives as `shown`' };
  }
  if (seconds >= dwellSeconds) return undefined;
  const left = Math.ceil(dwellSeconds - seconds);
  return {
    field: 'dwell',
    detail: `look at it for ${dwellSeconds} s before you approve: ${left} s are left`,
  };
}

const challengeDetail = ({ challenge, via }: Given) => {
  const where =
    via === 'link' ? 'this page shows above the buttons' : 'GET /holds/{holdId} gives as `challenge`';
  return `${challenge ? 'this is not the code: ' : ''}type the four letters that ${where}`;
};

/** An edit has to fit the tool before it is a vote: the policy rules on it later all the same. */
function misfits(view: HoldView, args: unknown): FieldError[] {
  const plain = plainJson(args);
  if (!plain.ok) return [{ field: 'args', detail: plain.reason }];
  if (!view.definition) return [{ field: 'args', detail: 'this tool is gone: nothing can be edited' }];
  const parsed: z.ZodSafeParseResult<unknown> = view.definition.args.safeParse(plain.value);
  return parsed.success ? [] : fieldErrors(parsed.error, 'args');
}
