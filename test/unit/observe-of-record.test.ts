import { describe, expect, test } from 'vitest';
import type { Put } from '../../lambdas/journal/journal.ts';
import {
  execKey,
  failedKey,
  holdKey,
  type Key,
  resultKey,
  settledKey,
  turnKey,
} from '../../lambdas/journal/keys.ts';
import type { Body, Stored } from '../../lambdas/journal/records.ts';
import type { Counts } from '../../lambdas/observe/metrics.ts';
import { tellOf } from '../../lambdas/observe/of-record.ts';
import type { Where } from '../../lambdas/observe/report.ts';
import { action, hold, RUN_ID, turn } from '../support/written-run.ts';

const OPENED = '2026-11-23T06:00:00.000Z';
const LATER = '2026-11-23T06:01:30.000Z';

const stored = ({ sk }: Key, body: object, at = LATER): Stored => ({
  sk,
  hash: sk,
  body: { v: 1, at, after: {}, ...body } as Body,
});

/** What is told of a put. */
function toldOf(record: Stored, more: Partial<Put> = {}) {
  const told: { event: string; where: Where | undefined; counts: Counts | undefined }[] = [];
  const tell = tellOf((event, where, counts) => told.push({ event, where, counts }));
  tell({ runId: RUN_ID, written: true, record, after: [], ...more });
  return told;
}
const counted = (record: Stored, more?: Partial<Put>) =>
  Object.assign({}, ...toldOf(record, more).map(({ counts }) => counts)) as Counts;

const opened = stored(holdKey('0001.00', 0), hold(), OPENED);
const vote = (decision: string) => ({ who: 'lena', decision, groups: ['finance'], at: LATER });
const settled = (outcome: string, ...votes: object[]) =>
  stored(settledKey('0001.00', 0), { kind: 'settled', outcome, digest: 'd', votes });

describe('a record', () => {
  test('that is found to be there already counts as a suppressed duplicate, and as nothing else', () => {
    const records = [
      stored(turnKey(1), turn(1, [action('allow')])),
      opened,
      settled('approved', vote('approve')),
      stored(resultKey('0001.00'), { kind: 'result', outcome: 'succeeded' }),
    ];
    for (const record of records)
      expect(counted(record, { written: false })).toEqual({ DuplicatesSuppressed: 1 });
  });

  test('names its run, its action and its hold', () => {
    const holdId = `${RUN_ID}.0001.00.0`;
    expect(toldOf(opened)).toMatchObject([{ where: { runId: RUN_ID, actionId: '0001.00', holdId } }]);
    const [ended] = toldOf(stored(resultKey('0002.03'), { kind: 'result', outcome: 'failed' }));
    expect(ended?.where).toEqual({ runId: RUN_ID, actionId: '0002.03', outcome: 'failed' });
  });
});

test('a turn counts what was allowed, held and denied', () => {
  const actions = [action('allow'), action('allow'), action('hold'), action('deny')];
  expect(counted(stored(turnKey(1), turn(1, actions)))).toEqual({
    ActionsAllowed: 2,
    ActionsHeld: 1,
    ActionsDenied: 1,
  });
});

test('the last turn counts how the run ended', () => {
  expect(counted(stored(turnKey(2), turn(2, [], 'Done.')))).toEqual({ RunsFinished: 1 });
  const end = (status: string) => ({ ...turn(2, []), end: { status, reason: 'x' } });
  expect(counted(stored(turnKey(2), end('failed')))).toEqual({ RunsFailed: 1 });
  expect(counted(stored(turnKey(2), end('cancelled')))).toEqual({ RunsCancelled: 1 });
  expect(counted(stored(failedKey, { kind: 'failed', why: 'x' }))).toEqual({ RunsGivenUp: 1, RunsFailed: 1 });
});

test('an execution counts as a start, or as one that took the place of a dead one', () => {
  const exec = (why: string) => counted(stored(execKey(1), { kind: 'exec', exec: 1, why }));
  expect(exec('first')).toEqual({ RunsStarted: 1 });
  expect(exec('restarted')).toEqual({ RunsRestarted: 1 });
  expect(exec('resumed')).toEqual({});
});

describe('a settlement', () => {
  const after = [opened];
  test.each(['approved', 'edited', 'rejected', 'answered'])('%s says how long people took', (outcome) => {
    expect(counted(settled(outcome, vote('approve')), { after })).toEqual({ DecisionLatency: 90 });
  });

  test('escalated by a person is their decision, and by time nobody’s', () => {
    expect(counted(settled('escalated', vote('escalate')), { after })).toEqual({ DecisionLatency: 90 });
    expect(counted(settled('escalated', vote('approve')), { after })).toEqual({ HoldsExpired: 1 });
  });

  test('expired or cancelled has no latency', () => {
    expect(counted(settled('expired', vote('approve')), { after })).toEqual({ HoldsExpired: 1 });
    expect(counted(settled('cancelled'), { after })).toEqual({});
  });
});
