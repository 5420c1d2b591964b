import { canonical, fingerprint } from '../../lambdas/journal/digest.ts';
import type { Item, NewBody, Records } from '../../lambdas/journal/journal.ts';
import { hashOf } from '../../lambdas/journal/journal.ts';
import { type Key, partition } from '../../lambdas/journal/keys.ts';
import type { Action, Body, Stored } from '../../lambdas/journal/records.ts';
import type { Json } from '../../lambdas/json.ts';

export const RUN_ID = 'r'.repeat(26);

/** A run written record by record, a second apart, without a store. */
export class WrittenRun {
  readonly items: Item[] = [];
  #ms = Date.parse('2026-11-23T06:00:00.000Z');

  put<B extends NewBody>({ power, sk }: Key, body: B, after: readonly Stored[]): Stored {
    this.#ms += 1000;
    const links = Object.fromEntries(after.map((record) => [record.sk, record.hash]));
    const whole = { ...body, v: 1, at: new Date(this.#ms).toISOString(), after: links };
    const place = { pk: partition(power, RUN_ID), sk, body: canonical(whole as unknown as Json) };
    const item = { ...place, hash: hashOf(place) };
    this.items.push(item);
    return { sk, hash: item.hash, body: whole as unknown as Body };
  }

  get records(): Records {
    return new Map(
      this.items.map(({ sk, hash, body }) => [sk, { sk, hash, body: JSON.parse(body) as Body }]),
    );
  }

  now(plusSeconds = 0): Date {
    return new Date(this.#ms + plusSeconds * 1000);
  }
}

const ruled = { tier: 'medium' as const, policyVersion: 'p', policies: ['x'], reason: 'because' };

export const action = (decision: 'allow' | 'deny' | 'hold', tool = 'issue_refund'): Action => ({
  tool,
  toolVersion: 1,
  args: { amountMinor: 1 },
  digest: fingerprint(tool),
  ruling: decision === 'hold' ? { decision, route: 'support-lead', ...ruled } : { decision, ...ruled },
});

export const run = {
  kind: 'run' as const,
  runId: RUN_ID,
  agent: 'support',
  model: 'scripted:x',
  input: 'Do it.',
  requester: 'sam',
  limits: { turns: 5, tokens: 100, wallSeconds: 60 },
  policyVersion: 'p',
  request: 'q',
};

export const turn = (number: number, actions: Action[], answer?: string) => ({
  kind: 'turn' as const,
  turn: number,
  text: answer ?? 'thinking',
  actions,
  usage: { input: 1, output: 1 },
  ...(answer === undefined ? {} : { end: { status: 'finished' as const, answer } }),
});

export const hold = (level = 0, asks: 'approval' | 'answer' | 'doubt' = 'approval') => ({
  kind: 'hold' as const,
  asks,
  level,
  route: 'support-lead',
  tier: 'medium' as const,
  why: 'because',
  digest: 'd',
  groups: ['support-leads'],
  quorum: 1,
  distinctGroups: 1,
  fourEyes: true,
  excluded: ['sam'],
  remindAt: '2026-11-23T12:00:00.000Z',
  expiresAt: '2026-11-24T06:00:00.000Z',
  next: 'finance',
  onExpiry: 'tell' as const,
});

export const vote = (who: string, decision: 'approve' | 'reject' | 'escalate' | 'answer') => ({
  kind: 'vote' as const,
  who,
  decision,
  digest: 'd',
  groups: ['support-leads'],
  via: 'token' as const,
});

type Outcome = 'approved' | 'rejected' | 'escalated' | 'expired' | 'answered' | 'cancelled' | 'edited';

export const settled = (outcome: Outcome, votes: readonly Stored[] = [], more: object = {}) => ({
  kind: 'settled' as const,
  outcome,
  digest: 'd',
  votes: votes.flatMap(({ body }) =>
    body.kind === 'vote'
      ? [{ who: body.who, decision: body.decision, groups: body.groups, at: body.at }]
      : [],
  ),
  ...more,
});

export const intent = (deadline: Date) => ({
  kind: 'intent' as const,
  owner: 'o:1',
  key: 'k',
  digest: 'd',
  deadline: deadline.toISOString(),
});
