import * as z from 'zod';
import { Asks, Decision, RESULTS, SettledOutcome } from '../journal/records.ts';
import { Ruling, Tier } from '../policy/ruling.ts';
import { Limits } from './limits.ts';
import { Evidence, TryView } from './try-view.ts';

/** Any JSON value. Not `z.json()`, whose recursion no generator of OpenAPI can follow. */
export const AnyJson = z.unknown().meta({ description: 'Any JSON value' });

export const VoteView = z
  .object({
    who: z.string(),
    decision: Decision,
    at: z.iso.datetime(),
    digest: z.string().meta({ description: 'Of what the voter was shown' }),
    groups: z.array(z.string()),
    via: z.enum(['link', 'token']),
    args: AnyJson.optional(),
    answer: z.string().optional(),
    to: z.string().optional().meta({ description: 'Of a delegation: who was asked instead' }),
    comment: z.string().optional(),
  })
  .meta({ id: 'Vote' });
export type VoteView = z.infer<typeof VoteView>;

export const HoldOfRun = z
  .object({
    holdId: z.string(),
    level: z.int().meta({ description: 'How often the question has been passed on' }),
    route: z.string(),
    asks: Asks,
    tier: Tier,
    digest: z.string(),
    why: z.string(),
    openedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    settlement: SettledOutcome.nullable().meta({ description: 'How it ended; null while it is open' }),
    settledAt: z.iso.datetime().optional(),
    comment: z.string().optional(),
    answer: z.string().optional(),
    evidence: Evidence.optional().meta({ description: 'Of a doubt: what was known when it was asked' }),
    votes: z.array(VoteView),
  })
  .meta({ id: 'HoldOfRun' });

export const EffectView = z
  .object({
    outcome: z.enum([...RESULTS, 'in doubt']),
    result: AnyJson.optional(),
    why: z.string().optional(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Effect' });
export type EffectView = z.infer<typeof EffectView>;

export const ActionView = z
  .object({
    actionId: z.string(),
    tool: z.string(),
    args: AnyJson.meta({ description: 'As proposed' }),
    editedArgs: AnyJson.optional().meta({ description: 'As edited by a person: these would be sent' }),
    digest: z.string(),
    ruling: Ruling,
    holds: z.array(HoldOfRun),
    tries: z.array(TryView).optional().meta({ description: 'Every try of its effect, where there was one' }),
    effect: EffectView.optional(),
  })
  .meta({ id: 'Action' });
export type ActionView = z.infer<typeof ActionView>;

export const RUN_STATUSES = ['running', 'held', 'paused', 'finished', 'failed', 'cancelled'] as const;
export const RunStatus = z.enum(RUN_STATUSES);

export const RunView = z
  .object({
    runId: z.string(),
    agent: z.string(),
    status: RunStatus,
    requester: z.string(),
    model: z.string(),
    input: z.string(),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().optional(),
    turns: z.int().meta({ description: 'Model calls' }),
    tokens: z.int().meta({ description: 'In and out, as the model reported them' }),
    spendMicros: z
      .int()
      .optional()
      .meta({ description: 'What they cost, in millionths of a USD, where the price is known' }),
    limits: Limits,
    answer: z.string().optional(),
    reason: z.string().optional().meta({ description: 'Why it ended without an answer' }),
    actions: z.array(ActionView),
  })
  .meta({ id: 'Run' });
export type RunView = z.infer<typeof RunView>;
