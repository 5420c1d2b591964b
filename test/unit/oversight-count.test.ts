import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BodyOf } from '../../lambdas/journal/records.ts';
import { countVotes, enough, type Vote } from '../../lambdas/oversight/settle.ts';
import { aHold, at, aVote, LIMIT_S } from './oversight-records.ts';

const PAIR = { quorum: 2 };
const TWO_GROUPS = { quorum: 2, distinctGroups: 2 };
const yes = (who: string, groups: string[] = ['leads'], seconds = 1) =>
  aVote(who, 'approve', { groups, seconds });

interface Row {
  readonly says: string;
  readonly route?: Partial<BodyOf<'hold'>>;
  readonly votes: readonly Vote[];
  /** Seconds after the opening. */
  readonly now?: number;
  readonly cancelled?: boolean;
  readonly outcome: string | undefined;
  /** Who is counted. */
  readonly by?: readonly string[];
}

const ROWS: readonly Row[] = [
  { says: 'no vote leaves it open', votes: [], outcome: undefined },
  {
    says: 'one approval suffices for a quorum of one',
    votes: [yes('ann')],
    outcome: 'approved',
    by: ['ann'],
  },
  { says: 'one of two leaves it open', route: PAIR, votes: [yes('ann')], outcome: undefined },
  {
    says: 'two people make a quorum of two',
    route: PAIR,
    votes: [yes('ann'), yes('bob')],
    outcome: 'approved',
    by: ['ann', 'bob'],
  },
  {
    says: 'T11: one person twice is one person',
    route: PAIR,
    votes: [yes('ann'), yes('ann', ['finance'])],
    outcome: undefined,
  },
  {
    says: 'T34: two of one group do not make two groups',
    route: TWO_GROUPS,
    votes: [yes('ann'), yes('bob')],
    outcome: undefined,
  },
  {
    says: 'two of two groups make two groups',
    route: TWO_GROUPS,
    votes: [yes('ann'), yes('bob', ['finance'])],
    outcome: 'approved',
    by: ['ann', 'bob'],
  },
  {
    says: 'a person in two groups stands for one of them',
    route: TWO_GROUPS,
    votes: [yes('ann', ['leads', 'finance'])],
    outcome: undefined,
  },
  {
    says: 'a person in two groups stands for the one that is still wanted',
    route: TWO_GROUPS,
    votes: [yes('ann', ['leads', 'finance']), yes('bob', ['leads'])],
    outcome: 'approved',
    by: ['ann', 'bob'],
  },
  {
    says: 'an approval by the last moment counts',
    votes: [yes('ann', ['leads'], LIMIT_S)],
    now: LIMIT_S,
    outcome: 'approved',
    by: ['ann'],
  },
  {
    says: 'I6: an approval after it does not',
    votes: [yes('ann', ['leads'], LIMIT_S + 0.001)],
    now: LIMIT_S + 1,
    outcome: 'expired',
    by: [],
  },
  {
    says: 'an approval in time counts, however late it is counted',
    votes: [yes('ann', ['leads'], 99)],
    now: 5 * LIMIT_S,
    outcome: 'approved',
    by: ['ann'],
  },
  {
    says: 'I4: an approval of something else does not count',
    votes: [aVote('ann', 'approve', { digest: 'other' })],
    outcome: undefined,
  },
  {
    says: 'I4: nor does a rejection of something else',
    votes: [aVote('ann', 'reject', { digest: 'other' }), yes('bob')],
    outcome: 'approved',
    by: ['bob'],
  },
  {
    says: 'a rejection beats the approvals before it',
    votes: [yes('ann'), yes('bob'), aVote('cas', 'reject', { seconds: 9 })],
    outcome: 'rejected',
    by: ['cas'],
  },
  {
    says: 'of two rejections the earlier counts',
    votes: [aVote('bob', 'reject', { seconds: 3 }), aVote('ann', 'reject', { seconds: 2 })],
    outcome: 'rejected',
    by: ['ann'],
  },
  {
    says: 'a rejection beats escalation, edit and approval',
    route: { next: 'strict' },
    votes: [
      aVote('ann', 'escalate'),
      aVote('bob', 'edit', { args: {} }),
      yes('cas'),
      aVote('dot', 'reject', { seconds: 9 }),
    ],
    outcome: 'rejected',
    by: ['dot'],
  },
  {
    says: 'a late rejection is none',
    votes: [aVote('ann', 'reject', { seconds: LIMIT_S + 1 })],
    now: LIMIT_S + 2,
    outcome: 'expired',
    by: [],
  },
  {
    says: 'an escalation passes it on over approvals',
    route: { next: 'strict' },
    votes: [yes('ann'), aVote('bob', 'escalate')],
    outcome: 'escalated',
    by: ['bob'],
  },
  {
    says: 'an escalation to nowhere is nothing',
    votes: [aVote('bob', 'escalate'), yes('ann')],
    outcome: 'approved',
    by: ['ann'],
  },
  {
    says: 'an edit ends it, and approves nothing',
    votes: [aVote('ann', 'edit', { args: { amount: 5 } }), yes('bob')],
    outcome: 'edited',
    by: ['ann'],
  },
  { says: 'an edit without arguments is nothing', votes: [aVote('ann', 'edit')], outcome: undefined },
  {
    says: 'an answer answers',
    route: { asks: 'answer' },
    votes: [aVote('ann', 'answer', { answer: 'blue' })],
    outcome: 'answered',
    by: ['ann'],
  },
  {
    says: 'of two answers the earlier counts',
    route: { asks: 'answer', choices: ['blue', 'red'] },
    votes: [
      aVote('ann', 'answer', { answer: 'red', seconds: 5 }),
      aVote('bob', 'answer', { answer: 'blue', seconds: 4 }),
    ],
    outcome: 'answered',
    by: ['bob'],
  },
  {
    says: 'no number of approvals answers a question',
    route: { asks: 'answer' },
    votes: [yes('ann'), yes('bob')],
    outcome: undefined,
  },
  {
    says: 'no number of approvals settles a doubt',
    route: { asks: 'doubt' },
    votes: [yes('ann'), yes('bob')],
    outcome: undefined,
  },
  {
    says: 'a delegation leaves it open',
    votes: [aVote('ann', 'delegate', { to: 'bob' })],
    outcome: undefined,
  },
  {
    says: 'F13: time without a next route ends it',
    route: PAIR,
    votes: [yes('ann')],
    now: LIMIT_S + 1,
    outcome: 'expired',
    by: ['ann'],
  },
  {
    says: 'F13: time with a next route passes it on',
    route: { next: 'strict' },
    votes: [],
    now: LIMIT_S + 1,
    outcome: 'escalated',
    by: [],
  },
  { says: 'it has not expired at its expiry', votes: [], now: LIMIT_S, outcome: undefined },
  {
    says: 'a cancelled run cancels it, approved or not',
    votes: [yes('ann')],
    cancelled: true,
    outcome: 'cancelled',
    by: [],
  },
  {
    says: 'a cancelled run cancels it, rejected or not',
    votes: [aVote('ann', 'reject')],
    cancelled: true,
    outcome: 'cancelled',
    by: [],
  },
];

const count = ({ route, votes, now = 10, cancelled = false }: Omit<Row, 'says' | 'outcome'>) =>
  countVotes(aHold(route), 0, votes, { cancelled, now: new Date(at(now)) });

describe('counting votes', () => {
  test.each(ROWS)('$says', ({ outcome, by, ...row }) => {
    const settlement = count(row);
    expect(settlement?.outcome).toBe(outcome);
    expect(settlement?.counted.map((vote) => vote.body.who)).toEqual(by);
  });

  test.each(ROWS.filter(({ votes }) => votes.length > 1))('$says, in any order', (row) => {
    const { votes, outcome, by } = row;
    fc.assert(
      fc.property(fc.shuffledSubarray([...votes], { minLength: votes.length }), (shuffled) => {
        const settlement = count({ ...row, votes: shuffled });
        expect(settlement?.outcome).toBe(outcome);
        expect(settlement?.counted.map((vote) => vote.body.who)).toEqual(by);
      }),
      { numRuns: 30 },
    );
  });

  test('what follows is named: the next route, the new arguments, the answer, the comment', () => {
    const passed = count({
      route: { next: 'strict' },
      votes: [aVote('ann', 'escalate', { comment: 'big' })],
    });
    expect(passed).toMatchObject({ next: { hold: 1, route: 'strict' }, comment: 'big' });
    const silence = count({ route: { next: 'strict' }, votes: [], now: LIMIT_S + 1 });
    expect(silence).toMatchObject({
      next: { hold: 1, route: 'strict' },
      comment: 'nobody had decided in time',
    });
    const edited = count({ votes: [aVote('ann', 'edit', { args: { amount: 5 }, comment: 'less' })] });
    expect(edited).toMatchObject({ args: { amount: 5 }, comment: 'less' });
    const answered = count({
      route: { asks: 'answer' },
      votes: [aVote('ann', 'answer', { answer: 'blue' })],
    });
    expect(answered).toMatchObject({ answer: 'blue' });
    expect(count({ votes: [aVote('ann', 'reject', { comment: 'no' })] })).toMatchObject({ comment: 'no' });
  });
});

/** By trying every way in which each person stands for one of their groups. */
function canStand(people: readonly (readonly string[])[], wanted: number): boolean {
  const ways = people.reduce<Set<string>[]>(
    (all, groups) =>
      groups.length === 0 ? all : all.flatMap((way) => groups.map((group) => new Set([...way, group]))),
    [new Set()],
  );
  return ways.some((way) => way.size >= wanted);
}

test('I2: distinct groups are counted as well as by trying everything', () => {
  const groups = fc.subarray(['a', 'b', 'c', 'd']);
  const options = fc.record({
    people: fc.array(groups, { maxLength: 5 }),
    quorum: fc.integer({ min: 1, max: 4 }),
    distinctGroups: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(options, ({ people, quorum, distinctGroups }) => {
      const approvals = people.map((of, i) => ({ body: { who: `p${i}`, groups: of } }));
      const expected = people.length >= quorum && canStand(people, distinctGroups);
      expect(enough(approvals, { quorum, distinctGroups })).toBe(expected);
    }),
  );
});
