import { describe, expect, test } from 'vitest';
import {
  againKey,
  cancelKey,
  execKey,
  failedKey,
  holdKey,
  intentKey,
  outcomeKey,
  resultKey,
  runKey,
  settledKey,
  turnKey,
  voteKey,
} from '../../lambdas/journal/keys.ts';
import type { Stored } from '../../lambdas/journal/records.ts';
import { RunView } from '../../lambdas/runs/run-schema.ts';
import { viewRun } from '../../lambdas/runs/run-view.ts';
import {
  action,
  hold,
  intent,
  RUN_ID,
  run,
  settled,
  turn,
  vote,
  WrittenRun,
} from '../support/written-run.ts';

const ID = '0001.00';

function begun() {
  const written = new WrittenRun();
  const first = written.put(runKey, run, []);
  written.put(execKey(1), { kind: 'exec', exec: 1, why: 'first' }, [first]);
  return { written, first };
}
const view = (written: WrittenRun, options: { rowStatus?: string; later?: number } = {}) => {
  const seen = viewRun(written.records, { rowStatus: options.rowStatus, now: written.now(options.later) });
  if (seen) RunView.parse(seen);
  return seen;
};
const actionOf = (written: WrittenRun, later = 0) => view(written, { later })?.actions[0];

describe('the status of a run', () => {
  test('is none where there is no run', () => {
    expect(view(new WrittenRun())).toBeUndefined();
  });

  test('is running, and paused where its row says so', () => {
    const { written } = begun();
    expect(view(written)).toMatchObject({ status: 'running', turns: 0, actions: [], requester: 'sam' });
    expect(view(written, { rowStatus: 'paused' })?.status).toBe('paused');
    expect(view(written, { rowStatus: 'running' })?.status).toBe('running');
  });

  test('is held once a hold is open, and no more when it is settled', () => {
    const { written, first } = begun();
    const one = written.put(turnKey(1), turn(1, [action('hold')]), [first]);
    expect(view(written)?.status).toBe('running');
    const opened = written.put(holdKey(ID, 0), hold(), [one]);
    expect(view(written)?.status).toBe('held');
    const cast = written.put(voteKey(ID, 0, 'lena'), vote('lena', 'approve'), [opened]);
    expect(view(written)?.status).toBe('held');
    written.put(settledKey(ID, 0), settled('approved', [cast]), [opened, cast]);
    expect(view(written)?.status).toBe('running');
  });

  test('is finished with its answer, whatever its row says', () => {
    const { written, first } = begun();
    const end = written.put(turnKey(1), turn(1, [], 'All done.'), [first]);
    expect(view(written, { rowStatus: 'running' })).toMatchObject({
      status: 'finished',
      answer: 'All done.',
      turns: 1,
      endedAt: end.body.at,
    });
    expect(view(written)).not.toHaveProperty('reason');
  });

  test.each(['failed', 'cancelled'] as const)(
    'is %s with the reason; that record is no model call',
    (status) => {
      const { written, first } = begun();
      const one = written.put(turnKey(1), turn(1, [action('deny')]), [first]);
      const end = { status, reason: 'limit reached: 5 turns' };
      written.put(turnKey(2), { ...turn(2, []), text: '', end }, [one]);
      expect(view(written)).toMatchObject({ status, reason: 'limit reached: 5 turns', turns: 1 });
    },
  );

  test('is failed where the run could not go on', () => {
    const { written, first } = begun();
    written.put(failedKey, { kind: 'failed', why: 'three died' }, [first]);
    expect(view(written)).toMatchObject({ status: 'failed', reason: 'three died' });
    expect(view(written)?.endedAt).toBeDefined();
  });

  test('is still running after its cancelling, until it has ended', () => {
    const { written, first } = begun();
    written.put(cancelKey, { kind: 'cancel', who: 'sam' }, [first]);
    expect(view(written)?.status).toBe('running');
  });
});

describe('an action', () => {
  test('of every turn is there, in order', () => {
    const { written, first } = begun();
    const one = written.put(turnKey(1), turn(1, [action('allow', 'a'), action('deny', 'b')]), [first]);
    written.put(resultKey(ID), { kind: 'result', outcome: 'succeeded', value: 1 }, [one]);
    written.put(turnKey(2), turn(2, [action('hold', 'c')]), [one]);
    expect(view(written)?.actions.map(({ actionId, tool }) => [actionId, tool])).toEqual([
      ['0001.00', 'a'],
      ['0001.01', 'b'],
      ['0002.00', 'c'],
    ]);
    expect(view(written)).toMatchObject({ turns: 2 });
  });

  test('that was denied says why, and has neither holds nor an effect', () => {
    const { written, first } = begun();
    written.put(turnKey(1), turn(1, [action('deny')]), [first]);
    expect(actionOf(written)).toEqual({
      actionId: ID,
      tool: 'issue_refund',
      args: { amountMinor: 1 },
      digest: expect.any(String),
      ruling: expect.objectContaining({ decision: 'deny', reason: 'because', policies: ['x'] }),
      holds: [],
    });
  });

  test('shows each level of its hold, with every vote, counted or not', () => {
    const { written, first } = begun();
    const one = written.put(turnKey(1), turn(1, [action('hold')]), [first]);
    const zero = written.put(holdKey(ID, 0), hold(), [one]);
    const up = written.put(voteKey(ID, 0, 'lena'), vote('lena', 'escalate'), [zero]);
    written.put(voteKey(ID, 0, 'leo'), vote('leo', 'approve'), [zero]);
    const next = { next: { hold: 1, route: 'finance' }, comment: 'too much for me' };
    const passed = written.put(settledKey(ID, 0), settled('escalated', [up], next), [zero, up]);
    written.put(holdKey(ID, 1), hold(1), [passed]);
    const holds = actionOf(written)?.holds;
    expect(holds).toMatchObject([
      { holdId: `${RUN_ID}.${ID}.0`, level: 0, settlement: 'escalated', comment: 'too much for me' },
      { holdId: `${RUN_ID}.${ID}.1`, level: 1, settlement: null, votes: [] },
    ]);
    expect(holds?.[0]?.votes.map(({ who, decision }) => [who, decision])).toEqual([
      ['lena', 'escalate'],
      ['leo', 'approve'],
    ]);
  });

  test('that was edited shows what was proposed and what would be sent', () => {
    const { written, first } = begun();
    const one = written.put(turnKey(1), turn(1, [action('hold')]), [first]);
    const zero = written.put(holdKey(ID, 0), hold(), [one]);
    written.put(settledKey(ID, 0), settled('edited', [], { args: { amountMinor: 2 } }), [zero]);
    expect(actionOf(written)).toMatchObject({ args: { amountMinor: 1 }, editedArgs: { amountMinor: 2 } });
  });
});

describe('an effect', () => {
  const tried = () => {
    const { written, first } = begun();
    const one = written.put(turnKey(1), turn(1, [action('allow')]), [first]);
    const started = written.put(intentKey(ID, 1), intent(written.now(20)), [one]);
    return { written, started };
  };
  const asked = (written: WrittenRun, after: Stored, number: number) => {
    const again = {
      kind: 'again' as const,
      why: 'in doubt' as const,
      detail: 'cut off',
      asks: 'doubt' as const,
    };
    const named = { ...again, route: 'in-doubt', tier: 'medium' as const, try: number };
    return written.put(againKey(ID, 0), named, [after]);
  };

  test.each([
    ['succeeded', { value: { id: 7 } }, { result: { id: 7 } }],
    ['failed', { why: 'refused' }, { why: 'refused' }],
    ['not performed', { why: 'rejected by lena' }, { why: 'rejected by lena' }],
    ['left in doubt', { why: 'nobody said' }, { why: 'nobody said' }],
  ] as const)('%s is its final result', (outcome, body, seen) => {
    const { written, started } = tried();
    written.put(resultKey(ID), { kind: 'result', outcome, ...body }, [started]);
    expect(actionOf(written, 9_999)?.effect).toEqual({ outcome, ...seen, at: expect.any(String) });
  });

  test('is none while an attempt may still be running, and in doubt once its deadline has passed', () => {
    const { written } = tried();
    expect(actionOf(written)?.effect).toBeUndefined();
    expect(actionOf(written, 20)?.effect).toBeUndefined();
    expect(actionOf(written, 26)?.effect).toMatchObject({ outcome: 'in doubt' });
  });

  test('is in doubt after an unknown outcome, and none after nothing happened', () => {
    for (const outcome of ['unknown', 'nothing happened'] as const) {
      const { written, started } = tried();
      const detail = 'connection reset';
      written.put(outcomeKey(ID, 1), { kind: 'outcome', owner: 'o:1', outcome, detail }, [started]);
      const wanted = outcome === 'unknown' ? { outcome: 'in doubt', why: detail } : undefined;
      if (wanted) expect(actionOf(written)?.effect).toMatchObject(wanted);
      else expect(actionOf(written, 9_999)?.effect).toBeUndefined();
    }
  });

  test('is in doubt while people are asked, and no more once they have said', () => {
    const { written, started } = tried();
    const named = asked(written, started, 1);
    expect(actionOf(written)?.effect?.outcome).toBe('in doubt');
    const opened = written.put(holdKey(ID, 0), hold(0, 'doubt'), [named]);
    expect(view(written)).toMatchObject({ status: 'held', actions: [{ effect: { outcome: 'in doubt' } }] });
    const cast = written.put(voteKey(ID, 0, 'otto'), vote('otto', 'answer'), [opened]);
    const said = settled('answered', [cast], { answer: 'it did not happen' });
    written.put(settledKey(ID, 0), said, [opened, cast]);
    expect(actionOf(written, 9_999)?.effect).toBeUndefined();
    expect(actionOf(written)?.holds[0]).toMatchObject({ asks: 'doubt', answer: 'it did not happen' });
  });
});
