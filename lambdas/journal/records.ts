import * as z from 'zod';
import { Price } from '../model/price.ts';
import { Ruling, Tier } from '../policy/ruling.ts';
import { Limits } from '../runs/limits.ts';
import { base } from './record-base.ts';
import { BrakedRecord, GrantedRecord, LiftedRecord, RevokedRecord } from './standing-records.ts';

/**
 * The bodies of the journal's records. Each is written once, as its canonical JSON text.
 * `after` names the records that it follows from, each with its hash: together they make the run's graph.
 */
const args = z.record(z.string(), z.json());

export const RunRecord = z.object({
  ...base,
  kind: z.literal('run'),
  runId: z.string(),
  agent: z.string(),
  model: z.string(),
  input: z.string(),
  /** Stable subject id of who asked. */
  requester: z.string(),
  /** Of a run that was recorded before there was a limit on something: none on that. */
  limits: z.object(Limits.shape),
  /** What its model cost when it was asked for; absent where nobody had said. */
  price: Price.optional(),
  policyVersion: z.string(),
  /** A test of attention: whatever changes something must be rejected by people, and is never performed. */
  canary: z.literal(true).optional(),
  /** Hash of the request, so that an Idempotency-Key cannot stand for two of them. */
  request: z.string(),
});

export const ExecRecord = z.object({
  ...base,
  kind: z.literal('exec'),
  exec: z.int(),
  why: z.enum(['first', 'restarted', 'resumed', 'renewed']),
});

export const Action = z.object({
  tool: z.string(),
  toolVersion: z.int(),
  /** As proposed; an object wherever the ruling is not deny. */
  args: z.json(),
  digest: z.string(),
  ruling: Ruling,
});

export const RUN_ENDS = ['finished', 'failed', 'cancelled'] as const;

export const TurnRecord = z.object({
  ...base,
  kind: z.literal('turn'),
  turn: z.int(),
  text: z.string(),
  actions: z.array(Action),
  usage: z.object({ input: z.int(), output: z.int() }),
  /** Text of strangers had entered the run when these actions were ruled on. */
  untrusted: z.literal(true).optional(),
  /** The run's end; the last turn alone has it. */
  end: z
    .object({ status: z.enum(RUN_ENDS), answer: z.string().optional(), reason: z.string().optional() })
    .optional(),
});

/** What a hold asks of people: may this be done, what is the answer, or did it happen? */
export const Asks = z.enum(['approval', 'answer', 'doubt']);

export const HoldRecord = z.object({
  ...base,
  kind: z.literal('hold'),
  asks: Asks,
  /** How often the question has been passed on. */
  level: z.int(),
  route: z.string(),
  tier: Tier,
  why: z.string(),
  digest: z.string(),
  observed: z.object({ version: z.string(), facts: z.record(z.string(), z.string()) }).optional(),
  /** What may be answered; anything, where there are none. */
  choices: z.array(z.string()).optional(),
  /** The route as it was when the hold opened. */
  groups: z.array(z.string()),
  quorum: z.int(),
  distinctGroups: z.int(),
  fourEyes: z.boolean(),
  /** Subjects who may not decide. */
  excluded: z.array(z.string()),
  remindAt: z.iso.datetime(),
  warnAt: z.iso.datetime().optional(),
  expiresAt: z.iso.datetime(),
  /** Route of the next level, where there is one. */
  next: z.string().optional(),
  onExpiry: z.enum(['tell', 'end']),
});

export const DECISIONS = ['approve', 'edit', 'reject', 'escalate', 'delegate', 'answer'] as const;
export const Decision = z.enum(DECISIONS);

export const VoteRecord = z.object({
  ...base,
  kind: z.literal('vote'),
  who: z.string(),
  decision: Decision,
  digest: z.string(),
  /** The voter's groups of the route when the vote was cast. */
  groups: z.array(z.string()),
  via: z.enum(['link', 'token']),
  args: args.optional(),
  answer: z.string().optional(),
  /** Of a delegation: who is asked instead. */
  to: z.string().optional(),
  comment: z.string().optional(),
});

export const OUTCOMES = [
  'approved',
  'edited',
  'rejected',
  'escalated',
  'expired',
  'answered',
  'cancelled',
] as const;
export const SettledOutcome = z.enum(OUTCOMES);

export const SettledRecord = z.object({
  ...base,
  kind: z.literal('settled'),
  outcome: SettledOutcome,
  digest: z.string(),
  /** Every vote that it counted. */
  votes: z.array(
    z.object({ who: z.string(), decision: Decision, groups: z.array(z.string()), at: z.iso.datetime() }),
  ),
  comment: z.string().optional(),
  answer: z.string().optional(),
  /** New arguments, of an edit. */
  args: args.optional(),
  /** The hold that follows, on which route. */
  next: z.object({ hold: z.int(), route: z.string() }).optional(),
});

export const CancelRecord = z.object({ ...base, kind: z.literal('cancel'), who: z.string() });
export const FailedRecord = z.object({ ...base, kind: z.literal('failed'), why: z.string() });

export const RESULTS = ['succeeded', 'failed', 'not performed', 'left in doubt'] as const;

/** What the downstream said of a doubtful try when it was asked itself. */
export const LookedUp = z.object({ said: z.enum(['did not happen', 'unknown']), why: z.string().optional() });

const asked = {
  why: z.enum(['stale', 'stricter', 'over limit', 'authority', 'edited', 'in doubt']),
  /** For people: what has changed, or what is known. */
  detail: z.string(),
  asks: Asks,
  route: z.string(),
  tier: Tier,
  /** The try that is in doubt. */
  try: z.int().optional(),
  /** Of a doubt; absent where the downstream cannot be asked, or was not. */
  lookedUp: LookedUp.optional(),
};

export const IntentRecord = z.object({
  ...base,
  kind: z.literal('intent'),
  /** Random: only the same owner's intent is "my own write". */
  owner: z.string(),
  key: z.string(),
  digest: z.string(),
  deadline: z.iso.datetime(),
  /** No call is made: what was decided in the place of this try, for whoever comes next to carry out. */
  instead: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('again'), ...asked }),
      z.object({ kind: z.literal('result'), outcome: z.enum(RESULTS), why: z.string() }),
    ])
    .optional(),
});

export const OutcomeRecord = z.object({
  ...base,
  kind: z.literal('outcome'),
  owner: z.string(),
  outcome: z.enum(['nothing happened', 'unknown']),
  detail: z.string(),
  /** Of *nothing happened*: another try could succeed. */
  retry: z.boolean().optional(),
});

export const AgainRecord = z.object({ ...base, kind: z.literal('again'), ...asked });

export const ResultRecord = z.object({
  ...base,
  kind: z.literal('result'),
  outcome: z.enum(RESULTS),
  /** What the tool returned, of *succeeded*; what the model is told otherwise. */
  value: z.json().optional(),
  why: z.string().optional(),
  /** Ends the run with this reason instead of telling the model. */
  end: z.string().optional(),
});

export const Body = z.discriminatedUnion('kind', [
  RunRecord,
  ExecRecord,
  TurnRecord,
  HoldRecord,
  VoteRecord,
  SettledRecord,
  CancelRecord,
  FailedRecord,
  IntentRecord,
  OutcomeRecord,
  AgainRecord,
  ResultRecord,
  BrakedRecord,
  LiftedRecord,
  GrantedRecord,
  RevokedRecord,
]);
export type Body = z.infer<typeof Body>;
export type Kind = Body['kind'];
export type BodyOf<K extends Kind> = Extract<Body, { kind: K }>;

export type Action = z.infer<typeof Action>;
export type Asks = z.infer<typeof Asks>;
export type LookedUp = z.infer<typeof LookedUp>;
export type Decision = z.infer<typeof Decision>;

/** A record as it is stored: where it lies, its hash, and what its text says. */
export interface Stored<B extends Body = Body> {
  readonly sk: string;
  readonly hash: string;
  readonly body: B;
}
