import * as z from 'zod';
import type { Branch, HoldOf } from '../journal/branch.ts';
import { LookedUp } from '../journal/records.ts';

/** One try of an effect, as people and programs read it: what was sent when, and what came of it. */
export const TryView = z
  .object({
    number: z.int(),
    at: z.iso.datetime().meta({ description: 'When it began' }),
    key: z.string().meta({ description: 'The idempotency key that was sent' }),
    deadline: z.iso.datetime().meta({ description: 'An answer that comes later counts no more' }),
    outcome: z.enum(['nothing happened', 'unknown']).nullable().meta({
      description: 'What it told; null where it ended in the result, or where no answer was recorded',
    }),
    detail: z.string().optional().meta({ description: 'What the downstream answered, or how it failed' }),
    answeredAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Try' });
export type TryView = z.infer<typeof TryView>;

/** What is known of an effect that may have happened: what a person decides on who is asked whether it did. */
export const Evidence = z
  .object({
    tries: z.array(TryView).meta({ description: 'Every try until the question was asked' }),
    lookedUp: LookedUp.optional().meta({
      description: 'What the downstream said when it was asked itself; absent where it cannot be, or was not',
    }),
  })
  .meta({ id: 'Evidence' });
export type Evidence = z.infer<typeof Evidence>;

export const viewTries = ({ tries }: Branch): TryView[] =>
  tries.map(({ number, intent, outcome }) => ({
    number,
    at: intent.body.at,
    key: intent.body.key,
    deadline: intent.body.deadline,
    outcome: outcome?.body.outcome ?? null,
    ...(outcome ? { detail: outcome.body.detail, answeredAt: outcome.body.at } : {}),
  }));

/** Of a hold that asks about a doubt: what was known when it was asked. */
export function evidenceOf(branch: Branch, hold: HoldOf): Evidence | undefined {
  if (hold.asks !== 'doubt') return undefined;
  // Where the question was passed on, it is its first level that says what is known.
  const asked = branch.holds[hold.number - hold.level]?.namedBy.body;
  const lookedUp = asked?.kind === 'again' ? asked.lookedUp : undefined;
  const until = asked?.at ?? '';
  return {
    tries: viewTries(branch).filter(({ at }) => at <= until),
    ...(lookedUp ? { lookedUp } : {}),
  };
}
