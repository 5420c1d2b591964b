import * as z from 'zod';
import type { Price } from '../model/price.ts';

const figure = z.int().min(1);

/** What ends a run that does not end by itself; each limit ends it with its own name and figure. */
export const Limits = z.strictObject({
  turns: figure.meta({ description: 'Model calls' }),
  tokens: figure.meta({ description: 'In and out, as the model reports them' }),
  wallSeconds: figure.meta({ description: 'Since the run was asked for, waiting for people included' }),
  spendMicros: figure.optional().meta({ description: 'What the model may cost, in millionths of a USD' }),
  contextBytes: figure
    .optional()
    .meta({ description: 'Of instructions, tools and messages as JSON, as the next turn would send them' }),
});
export type Limits = z.infer<typeof Limits>;

/** What whoever asks for a run may say of its limits. */
export const AskedLimits = Limits.partial().meta({
  id: 'Limits',
  description: 'In place of the agent’s own, each within what the agent allows',
});
export type AskedLimits = z.infer<typeof AskedLimits>;

/** An agent, as far as its runs' limits go. */
export interface Limited {
  /** Of a run that asks for no others. */
  readonly limits: Limits;
  /** Up to where a run may ask for more. @default its limits */
  readonly mostLimits?: Partial<Limits>;
}

export type Fitted =
  | { readonly as: 'limits'; readonly limits: Limits }
  | { readonly as: 'refused'; readonly field: string; readonly detail: string };

/**
 * The limits of a run that is asked for: the agent's own, save what was asked for within its maxima. A spend limit
 * that could not be kept, since nobody knows what the model costs, is refused and not dropped.
 */
export function fitLimits(
  agent: Limited,
  asked: AskedLimits,
  model: string,
  price: Price | undefined,
): Fitted {
  const most: Limits = { ...agent.limits, ...agent.mostLimits };
  for (const [name, value] of Object.entries(asked) as [keyof Limits, number][]) {
    const bound = most[name];
    if (bound !== undefined && value > bound)
      return { as: 'refused', field: `limits.${name}`, detail: `at most ${bound} for this agent` };
  }
  const limits = { ...agent.limits, ...(asked as Partial<Limits>) } as Limits;
  if (limits.spendMicros !== undefined && price === undefined) {
    const detail = `nobody has said what ${model} costs (HOLDPOINT_PRICES), so a spend limit could not be kept`;
    return { as: 'refused', field: asked.spendMicros === undefined ? 'model' : 'limits.spendMicros', detail };
  }
  return { as: 'limits', limits };
}
