import type * as z from 'zod';
import type { Settled } from '../oversight/settle.ts';
import type { Decided } from './decide.ts';
import type { HoldView } from './hold-view.ts';
import { HttpProblem, notFound, unfit } from './problem.ts';
import type { Receipt } from './schemas.ts';

/** How a hold ended: what somebody whose vote came to nothing is told. */
const truth = (settled: Settled | undefined) =>
  settled
    ? {
        settlement: settled.body.outcome,
        settledAt: settled.body.at,
        votes: settled.body.votes.map(({ who, decision, at }) => ({ who, decision, at })),
      }
    : { settlement: null };

/**
 * The receipt of a vote that counts.
 * @throws HttpProblem with the true outcome, where it does not
 */
export function receiptOf(view: HoldView, decided: Decided): z.infer<typeof Receipt> {
  switch (decided.as) {
    case 'counted': {
      const { vote, settled } = decided;
      const { who, decision, digest, at } = vote.body;
      return {
        holdId: view.holdId,
        runId: view.at.runId,
        actionId: view.at.actionId,
        who,
        decision,
        digest,
        at,
        receipt: vote.hash,
        status: settled?.body.outcome ?? 'open',
      };
    }
    case 'unknown hold':
      throw notFound();
    case 'forbidden':
      throw new HttpProblem(403, decided.why);
    case 'settled otherwise':
      throw new HttpProblem(409, `it has been ${decided.settled.body.outcome}`, {
        more: truth(decided.settled),
      });
    case 'voted otherwise': {
      const { decision, at } = decided.vote.body;
      throw new HttpProblem(409, `you have voted otherwise: ${decision}`, {
        more: { vote: { decision, at }, ...truth(decided.settled) },
      });
    }
    case 'other digest':
      throw new HttpProblem(409, 'this is not the digest of what is asked', {
        errors: [{ field: 'digest', detail: 'not that of this hold: look at it again' }],
        more: { digest: decided.digest },
      });
    case 'expired':
      throw new HttpProblem(410, 'it has expired', { more: truth(decided.settled) });
    case 'unfit':
      throw unfit(...decided.errors);
  }
}
