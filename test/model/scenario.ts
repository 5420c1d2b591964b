import fc from 'fast-check';
import type { Ending } from './downstream.ts';
import { PEOPLE, POLICIES, type Policy } from './sample.ts';
import type { StoreFault } from './store.ts';

/** What is cast once a hold is open. */
export interface PlannedVote {
  readonly action: number;
  readonly hold: number;
  readonly who: string;
  readonly decision: 'approve' | 'reject' | 'edit' | 'escalate' | 'delegate';
  /** Whom a delegation asks. */
  readonly to: string;
  /** Of an edit. */
  readonly amount: number;
  readonly digest: 'shown' | 'other';
  /** How long the person thinks, in seconds. */
  readonly after: number;
  /** The form is sent twice at once. */
  readonly twice: boolean;
}

/** What else happens, once so many records of a kind are there. */
export type PlannedEvent = { readonly once: string; readonly nth: number } & (
  | { readonly what: 'policy'; readonly policy: Policy }
  | { readonly what: 'leaves'; readonly who: string }
  | { readonly what: 'target' | 'brake' | 'lift' | 'reconcile' | 'cancel' }
  | { readonly what: 'advance'; readonly seconds: number }
  | { readonly what: 'crash'; readonly which: number }
  | { readonly what: 'redeliver'; readonly step: 'plan' | 'hold' | 'expire' | 'perform' }
  | { readonly what: 'tamper'; readonly whole: boolean }
);

/** Everything that chance decides of a run, but for the order in which things happen. */
export interface Scenario {
  readonly keyed: boolean;
  readonly readsBack: boolean;
  readonly observes: boolean;
  /** All in one process that dies as a whole, or a process for every call. */
  readonly onOneMachine: boolean;
  readonly policy: Policy;
  readonly amounts: readonly number[];
  /** What the model proposes where it is asked once more for the same turn, as after a crash. */
  readonly amountsAgain: readonly number[];
  readonly endings: readonly Ending[];
  readonly storeFaults: readonly { readonly call: number; readonly fault: StoreFault }[];
  readonly noticesFail: boolean;
  /** What people say of an effect in doubt, having looked it up. */
  readonly operators: 'truthful' | 'silent' | 'leave it';
  readonly votes: readonly PlannedVote[];
  readonly lanes: readonly (readonly PlannedEvent[])[];
}

const policy = fc.constantFrom(...POLICIES);
const AMOUNTS = [5, 50, 500, 5000] as const;
const amount = fc.constantFrom(...AMOUNTS);
const who = fc.constantFrom(...Object.keys(PEOPLE), 'ann', 'bob', 'ann', 'bob', 'ann', 'bob');
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    ...others.map((value) => ({ weight: 1, arbitrary: fc.constant(value) })),
  );

const others: PlannedVote['decision'][] = ['reject', 'edit', 'escalate', 'delegate'];

const vote: fc.Arbitrary<PlannedVote> = fc.record({
  action: mostly(0, 1),
  hold: mostly(0, 1, 2),
  who,
  decision: mostly<PlannedVote['decision']>('approve', ...others),
  to: who,
  amount,
  digest: mostly<PlannedVote['digest']>('shown', 'other'),
  after: mostly(0, 1, 60, 99, 100.5, 101),
  twice: mostly(false, true),
});

const anchor = {
  once: fc.constantFrom(
    ...['run', 'turn', 'hold', 'hold', 'vote', 'settled', 'settled'],
    ...['begins perform', 'begins perform', 'begins perform', 'intent', 'effect', 'again'],
  ),
  nth: mostly(0, 1, 2),
};
const of = <T extends object>(what: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record({ ...anchor, ...what });

const event = fc.oneof(
  { weight: 4, arbitrary: of({ what: fc.constant('policy' as const), policy }) },
  { weight: 3, arbitrary: of({ what: fc.constant('leaves' as const), who }) },
  { weight: 2, arbitrary: of({ what: fc.constant('target' as const) }) },
  { weight: 2, arbitrary: of({ what: fc.constant('brake' as const) }) },
  { weight: 1, arbitrary: of({ what: fc.constant('lift' as const) }) },
  { weight: 2, arbitrary: of({ what: fc.constant('reconcile' as const) }) },
  { weight: 1, arbitrary: of({ what: fc.constant('cancel' as const) }) },
  {
    weight: 3,
    arbitrary: of({ what: fc.constant('advance' as const), seconds: fc.constantFrom(1, 30, 99, 101, 161) }),
  },
  { weight: 6, arbitrary: of({ what: fc.constant('crash' as const), which: fc.nat(3) }) },
  {
    weight: 6,
    arbitrary: of({
      what: fc.constant('redeliver' as const),
      step: fc.constantFrom('plan', 'hold', 'expire', 'perform', 'perform', 'perform'),
    }),
  },
  { weight: 1, arbitrary: of({ what: fc.constant('tamper' as const), whole: fc.boolean() }) },
) as fc.Arbitrary<PlannedEvent>;

export const scenario = (keyed: boolean): fc.Arbitrary<Scenario> =>
  fc.record({
    keyed: fc.constant(keyed),
    readsBack: fc.boolean(),
    observes: fc.boolean(),
    onOneMachine: fc.boolean(),
    policy: fc.constantFrom(
      'lead',
      'lead',
      'lead',
      'strict',
      'strict',
      'by amount',
      'by amount',
      'allow',
      'capped',
    ),
    amounts: fc.oneof(
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom(5, 50, 50, 500)) },
      { weight: 1, arbitrary: fc.constantFrom([50, 5], [50, 50]) },
    ),
    amountsAgain: fc.constantFrom([50], [5], [50, 5], []),
    endings: fc.array(
      fc.constantFrom<Ending>(
        'ok',
        'ok',
        'refused',
        'refused for good',
        'reset after',
        'lost',
        'late',
        'hang',
      ),
      { maxLength: 3 },
    ),
    storeFaults: fc.array(
      fc.record({ call: fc.nat(80), fault: fc.constantFrom('throttled', 'acknowledgement lost') }),
      { maxLength: 2 },
    ),
    noticesFail: mostly(false, true),
    operators: mostly<Scenario['operators']>('truthful', 'silent', 'leave it'),
    votes: fc.array(vote, { minLength: 2, maxLength: 7 }),
    lanes: fc.array(fc.array(event, { maxLength: 3 }), { maxLength: 3 }),
  }) as fc.Arbitrary<Scenario>;
