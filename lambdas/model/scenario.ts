import * as z from 'zod';
import type { ProposedCall } from './model.ts';

const Call: z.ZodType<ProposedCall> = z.strictObject({ tool: z.string(), args: z.json() });

/** What the scripted model says in one turn: calls, with a text or without, or its final answer. */
export interface ScriptedTurn {
  readonly text?: string | undefined;
  readonly calls?: readonly ProposedCall[] | undefined;
  readonly answer?: string | undefined;
  /** Said instead when any result of the last turn is a denial, a rejection or a failure. */
  readonly ifFailed?: ScriptedTurn | undefined;
  /** Said instead when a person gave this answer in the last turn. */
  readonly ifAnswered?: Readonly<Record<string, ScriptedTurn>> | undefined;
}

const ScriptedTurn: z.ZodType<ScriptedTurn> = z
  .strictObject({
    text: z.string().optional(),
    calls: z.array(Call).min(1).optional(),
    answer: z.string().min(1).optional(),
    ifFailed: z.lazy(() => ScriptedTurn).optional(),
    ifAnswered: z
      .record(
        z.string(),
        z.lazy(() => ScriptedTurn),
      )
      .optional(),
  })
  .refine(({ calls, answer }) => (calls === undefined) !== (answer === undefined), {
    error: 'a turn has either calls or an answer',
  });

/** A conversation written down in advance, for demonstrations and tests. */
export const Scenario = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  /** One line for people: what it shows. */
  says: z.string().min(1),
  agent: z.string().min(1),
  /** The request that a run of this scenario is started with. */
  input: z.string().min(1),
  turns: z.array(ScriptedTurn).min(1),
});
export type Scenario = z.infer<typeof Scenario>;
