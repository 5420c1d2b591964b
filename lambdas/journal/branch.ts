import type { Tier } from '../policy/ruling.ts';
import type { Journal, Records } from './journal.ts';
import { record } from './journal.ts';
import {
  actionId,
  againKey,
  holdKey,
  intentKey,
  type Key,
  outcomeKey,
  parseActionId,
  resultKey,
  settledKey,
  turnKey,
} from './keys.ts';
import type { Action, Asks, BodyOf, Stored } from './records.ts';

/**
 * A branch is what became of one action: a fold over its records. A state that they do not show does not exist.
 *
 * Holds are numbered from 0. Hold 0 is named by the ruling, each later one by the settlement before it (escalated)
 * or by an `again` record; so whoever opens a hold or follows one reads its name and never counts for itself.
 */

/** The built-in tool whose effect is a person's answer. */
export const ASK_HUMAN = 'ask_human';

/** What a person may say of an effect in doubt. */
export const DOUBT_ANSWERS = ['it happened', 'it did not happen', 'leave it'] as const;

export interface HoldOf {
  readonly number: number;
  readonly asks: Asks;
  readonly route: string;
  readonly level: number;
  /** How bad a wrong decision would be, by the ruling that asks. */
  readonly tier: Tier;
  /** Why people are asked; the record that named the hold. */
  readonly why: string;
  readonly namedBy: Stored;
  readonly opened: Stored<BodyOf<'hold'>> | undefined;
  readonly settled: Stored<BodyOf<'settled'>> | undefined;
}

export interface TryOf {
  readonly number: number;
  readonly intent: Stored<BodyOf<'intent'>>;
  readonly outcome: Stored<BodyOf<'outcome'>> | undefined;
}

export interface Branch {
  readonly actionId: string;
  readonly turn: Stored<BodyOf<'turn'>>;
  readonly action: Action;
  readonly holds: readonly HoldOf[];
  /** Those that were made, or begun. */
  readonly tries: readonly TryOf[];
  /** How many places of tries are taken, by those that were made and by what was decided instead of one. */
  readonly places: number;
  /** What was decided instead of another try, where it has not been carried out. */
  readonly decided: Stored<BodyOf<'intent'>> | undefined;
  readonly result: Stored<BodyOf<'result'>> | undefined;
}

/** The keys of a branch with at most so many holds and as many tries. */
const keysOf = (action: string, size: number): Key[] => [
  resultKey(action),
  // An allowed action's first question, should there be one.
  againKey(action, 0),
  ...Array.from({ length: size }, (_, n) => n).flatMap((n) => [
    holdKey(action, n),
    settledKey(action, n),
    againKey(action, n + 1),
    intentKey(action, n + 1),
    outcomeKey(action, n + 1),
  ]),
];

/** Folds the records of one action. They must reach as far as the branch does: see {@link readBranches}. */
export function branchOf(turn: Stored<BodyOf<'turn'>>, index: number, records: Records): Branch {
  const action = turn.body.actions[index];
  if (!action) throw new RangeError(`turn ${turn.body.turn} has no action ${index}`);
  const id = actionId(turn.body.turn, index);
  const places: TryOf[] = [];
  for (let n = 1; ; n++) {
    const intent = record(records, intentKey(id, n), 'intent');
    if (!intent) break;
    places.push({ number: n, intent, outcome: record(records, outcomeKey(id, n), 'outcome') });
  }
  const last = places.at(-1)?.intent;
  const holds = holdsOf(turn, action, id, records);
  const result = record(records, resultKey(id), 'result');
  const carriedOut = last && (result || holds.some(({ namedBy }) => last.sk in namedBy.body.after));
  return {
    actionId: id,
    turn,
    action,
    holds,
    tries: places.filter(({ intent }) => intent.body.instead === undefined),
    places: places.length,
    decided: last?.body.instead && !carriedOut ? last : undefined,
    result,
  };
}

function holdsOf(turn: Stored<BodyOf<'turn'>>, action: Action, id: string, records: Records): HoldOf[] {
  const holds: HoldOf[] = [];
  let named = firstHold(turn, action, record(records, againKey(id, 0), 'again'));
  while (named) {
    const number = named.number;
    const opened = record(records, holdKey(id, number), 'hold');
    const settled = record(records, settledKey(id, number), 'settled');
    const hold: HoldOf = { ...named, opened, settled };
    holds.push(hold);
    const again = record(records, againKey(id, number + 1), 'again');
    if (settled?.body.next) {
      named = {
        number: number + 1,
        asks: hold.asks,
        route: settled.body.next.route,
        level: hold.level + 1,
        tier: hold.tier,
        why: hold.why,
        namedBy: settled,
      };
    } else if (again) {
      named = fromAgain(number + 1, again);
    } else {
      named = undefined;
    }
  }
  return holds;
}

type Named = Omit<HoldOf, 'opened' | 'settled'>;

function firstHold(
  turn: Stored<BodyOf<'turn'>>,
  action: Action,
  again: Stored<BodyOf<'again'>> | undefined,
): Named | undefined {
  const { ruling } = action;
  if (ruling.decision === 'hold') {
    const asks: Asks = action.tool === ASK_HUMAN ? 'answer' : 'approval';
    return {
      number: 0,
      asks,
      route: ruling.route,
      level: 0,
      tier: ruling.tier,
      why: ruling.reason,
      namedBy: turn,
    };
  }
  return again && fromAgain(0, again);
}

const fromAgain = (number: number, again: Stored<BodyOf<'again'>>): Named => ({
  number,
  asks: again.body.asks,
  route: again.body.route,
  level: 0,
  tier: again.body.tier,
  why: again.body.detail,
  namedBy: again,
});

/** The last approval that was asked for and given; nothing but an approval lets a held action happen. */
export const approvedHold = (branch: Branch): HoldOf | undefined => {
  const last = branch.holds.findLast((hold) => hold.asks === 'approval');
  return last?.settled?.body.outcome === 'approved' ? last : undefined;
};

/** The hold that the branch waits for, where there is one. */
export const openHold = (branch: Branch): HoldOf | undefined => {
  const last = branch.holds.at(-1);
  return last && !last.settled && !branch.result ? last : undefined;
};

/** The last records of a branch: what comes next follows from them, and so in the end does the run. */
export function headsOf(branch: Branch): readonly Stored[] {
  if (branch.result) return [branch.result];
  const attempt = branch.tries.at(-1);
  const hold = branch.holds.at(-1);
  const heads = [attempt?.outcome ?? attempt?.intent, hold?.settled ?? hold?.opened ?? hold?.namedBy];
  const found = heads.filter((head) => head !== undefined);
  return found.length > 0 ? found : [branch.turn];
}

/** The arguments that would be sent: the last edit's, else the proposed ones. */
export function argsOf(branch: Branch): Action['args'] {
  const edit = branch.holds.findLast((hold) => hold.settled?.body.outcome === 'edited');
  return edit?.settled?.body.args ?? branch.action.args;
}

export interface Read {
  /** The turn, where it is in the journal. */
  readonly turn: Stored<BodyOf<'turn'>> | undefined;
  readonly branches: readonly Branch[];
  /** Everything that was read, extra keys included. */
  readonly records: Records;
}

/**
 * Reads branches of one turn, mostly in a single request of exact keys: as many holds and tries as nearly every
 * action has, then further ones wherever the last that was asked for is there.
 */
export async function readBranches(
  journal: Journal,
  runId: string,
  turn: number,
  indices: readonly number[] | 'all',
  extra: readonly Key[] = [],
): Promise<Read> {
  const records = new Map<string, Stored>();
  const asked = new Set<string>();
  const windows = new Map((indices === 'all' ? [0] : indices).map((index) => [index, 1]));
  let wanted = [turnKey(turn), ...extra];
  for (;;) {
    for (const [index, size] of windows) wanted.push(...keysOf(actionId(turn, index), size));
    wanted = wanted.filter(({ sk }) => !asked.has(sk) && asked.add(sk));
    for (let from = 0; from < wanted.length; from += 100) {
      for (const [sk, stored] of await journal.get(runId, wanted.slice(from, from + 100)))
        records.set(sk, stored);
    }
    const found = record(records, turnKey(turn), 'turn');
    const among = found?.body.actions.map((_, index) => index) ?? [];
    const branches = found
      ? among.filter((i) => indices === 'all' || indices.includes(i)).map((i) => branchOf(found, i, records))
      : [];
    wanted = [];
    const sizes = new Map(windows);
    windows.clear();
    for (const branch of branches) {
      const { index } = parseActionId(branch.actionId);
      const size = sizes.get(index);
      const known = asked.has(resultKey(branch.actionId).sk);
      if (size === undefined && !known) windows.set(index, 1);
      if (size === undefined || branch.result) continue;
      const short = branch.holds.length > size || branch.places >= size;
      if (short) windows.set(index, size + 4);
    }
    if (!found || windows.size === 0) return { turn: found, branches, records };
  }
}
