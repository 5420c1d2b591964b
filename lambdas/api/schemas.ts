import * as z from 'zod';
import { Asks, Decision, SettledOutcome } from '../journal/records.ts';
import { GrantTerms } from '../oversight/grant-terms.ts';
import { Tier } from '../policy/ruling.ts';
import { AskedLimits } from '../runs/limits.ts';
import { AnyJson, RunStatus, RunView, VoteView } from '../runs/run-schema.ts';
import { Evidence } from '../runs/try-view.ts';

/** What the HTTP interface takes and gives. Bodies are strict: a field that is not theirs is refused (T22). */

/** Text that can be stored and hashed. */
const text = (most: number) =>
  z
    .string()
    .max(most)
    .refine((value) => value.isWellFormed(), 'not well-formed Unicode');

export const MOST_INPUT = 32_000;
export const Comment = text(2_000);
export const Answer = text(2_000);

const NOT_EMPTY = [/\S/, 'must not be empty'] as const;

const Reason = text(500).regex(...NOT_EMPTY);

export const RunRequest = z
  .strictObject({
    agent: z.string().min(1).max(64),
    input: text(MOST_INPUT).regex(...NOT_EMPTY),
    model: z.string().min(1).max(200).optional(),
    limits: AskedLimits.optional(),
    canary: z.boolean().optional().meta({
      description: 'A test of attention, by operators: people must reject it, and nothing is performed',
    }),
  })
  .meta({ id: 'RunRequest' });

export const IdempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters')
    .optional()
    .meta({ description: 'The same request again, by the same caller with the same key, is done once' }),
});

export const RunStarted = z.object({ runId: z.string() }).meta({ id: 'RunStarted' });

export const RunItem = RunView.pick({ runId: true, agent: true, requester: true, startedAt: true })
  .extend({
    status: RunStatus,
    input: z.string().meta({ description: 'The beginning of it' }),
  })
  .meta({ id: 'RunItem' });
export type RunItem = z.infer<typeof RunItem>;

export const ListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  next: z.string().max(2_000).optional().meta({ description: 'Of the page before' }),
});

export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().optional() });

export const HoldStatus = z.enum(['open', ...SettledOutcome.options]);

export const HoldItem = z
  .object({
    holdId: z.string(),
    runId: z.string(),
    actionId: z.string(),
    agent: z.string(),
    tool: z.string(),
    asks: Asks,
    title: z.string().meta({ description: 'What would happen, in one line, from the arguments' }),
    args: AnyJson,
    digest: z.string(),
    tier: Tier,
    route: z.string(),
    level: z.int(),
    openedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    status: HoldStatus,
  })
  .meta({ id: 'HoldItem' });
export type HoldItem = z.infer<typeof HoldItem>;

export const HoldDetail = HoldItem.extend({
  why: z.string(),
  requester: z.string(),
  observed: z
    .object({ version: z.string(), facts: z.record(z.string(), z.string()) })
    .optional()
    .meta({ description: 'What it would change, as it was when the hold opened' }),
  evidence: Evidence.optional().meta({ description: 'Of a doubt: what is known of what may have happened' }),
  choices: z.array(z.string()).optional(),
  decisions: z.array(Decision).meta({ description: 'What the caller may decide; empty where nothing' }),
  groups: z.array(z.string()),
  quorum: z.int(),
  distinctGroups: z.int(),
  fourEyes: z.boolean(),
  next: z.string().optional().meta({ description: 'Route of the next level' }),
  onExpiry: z.enum(['tell', 'end']),
  votes: z.array(VoteView),
  settledAt: z.iso.datetime().optional(),
  answer: z.string().optional(),
  challenge: z
    .string()
    .optional()
    .meta({ description: 'To be sent with the vote, where it is here: proof of attention, not of identity' }),
  shown: z
    .string()
    .optional()
    .meta({ description: 'To be sent with an approval, where it is here: says when it was shown' }),
}).meta({ id: 'Hold' });

const Uses = GrantTerms.pick({ until: true, uses: true });

export const GrantMore = z
  .strictObject({
    ...Uses.shape,
    limits: GrantTerms.shape.limits
      .optional()
      .meta({ description: 'By argument; what is left out is limited to what was approved' }),
  })
  .meta({ id: 'GrantMore' });

export const GrantRequest = z
  .strictObject({ ...GrantTerms.shape, reason: Reason })
  .meta({ id: 'GrantRequest' });

export const Grant = GrantTerms.extend({
  grantId: z.string(),
  who: z.string(),
  at: z.iso.datetime(),
  reason: z.string(),
  usesLeft: z.int(),
}).meta({ id: 'Grant' });
export type Grant = z.infer<typeof Grant>;

export const VoteRequest = z
  .strictObject({
    decision: Decision,
    digest: z.string().max(100).meta({ description: 'Of what was shown' }),
    args: z
      .record(z.string(), AnyJson)
      .optional()
      .meta({ description: 'Of an edit: the whole new arguments' }),
    answer: Answer.optional(),
    comment: Comment.optional(),
    challenge: z.string().max(20).optional(),
    shown: z.string().max(100).optional(),
    to: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'Of a delegation: subject id of another who may decide, and is told' }),
    grant: GrantMore.optional().meta({ description: 'With an approval: allows more like it in advance' }),
  })
  .meta({ id: 'VoteRequest' });

export const Receipt = z
  .object({
    holdId: z.string(),
    runId: z.string(),
    actionId: z.string(),
    who: z.string(),
    decision: Decision,
    digest: z.string(),
    at: z.iso.datetime(),
    receipt: z.string().meta({ description: 'Hash of the vote’s record' }),
    status: HoldStatus,
    grantId: z.string().optional().meta({ description: 'Of the grant that was given with it' }),
  })
  .meta({ id: 'Receipt' });

/** Fields of the form on a hold's page. */
export const DecisionForm = z
  .strictObject({
    csrf: z.string().max(100),
    digest: z.string().max(100),
    challenge: z.string().max(20),
    shown: z.string().max(100).optional(),
    decision: Decision.exclude(['edit', 'delegate']),
    answer: Answer.optional(),
    comment: Comment.optional(),
  })
  .meta({ id: 'DecisionForm' });

export const Approver = z
  .object({
    who: z.string(),
    votes: z.int(),
    approvals: z.int(),
    approvalShare: z.number().meta({ description: '0 to 1' }),
    medianSeconds: z.number().meta({ description: 'From the opening of a hold to the decision' }),
    canariesMissed: z.int(),
    canariesCaught: z.int(),
  })
  .meta({ id: 'Approver' });

export const Brake = z
  .object({ scope: z.string(), reason: z.string(), who: z.string(), at: z.iso.datetime() })
  .meta({ id: 'Brake' });
export type Brake = z.infer<typeof Brake>;

export const Braking = Brake.extend({
  liftedBy: z.string().optional(),
  liftedAt: z.iso.datetime().optional(),
}).meta({ id: 'Braking' });

export const BrakeRequest = z.strictObject({ reason: Reason }).meta({ id: 'BrakeRequest' });

export const Verdict = z
  .object({
    runId: z.string(),
    ok: z.boolean(),
    records: z.int(),
    finding: z
      .object({ as: z.enum(['changed', 'missing', 'added']), key: z.string(), why: z.string() })
      .optional()
      .meta({ description: 'The first bad record' }),
    loose: z.array(z.string()).meta({ description: 'Records that nothing follows from, such as late votes' }),
    head: z.object({ key: z.string(), hash: z.string() }).optional(),
  })
  .meta({ id: 'Verdict' });

export const AuditLine = z
  .object({
    power: z.enum(['proposals', 'oversight', 'effects']),
    key: z.string(),
    hash: z.string(),
    body: AnyJson,
  })
  .meta({ id: 'AuditLine' });
