import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NothingHappened, Retryable, Terminal } from '../../lambdas/errors.ts';
import { cancelKey, outcomeKey, settledKey } from '../../lambdas/journal/keys.ts';
import { giveBack, readCounter } from '../../lambdas/oversight/counters.ts';
import { perform } from '../../lambdas/perform/perform.ts';
import type { Tool } from '../../lambdas/tools/tool.ts';
import { AGENT, PEOPLE } from '../model/sample.ts';
import { ACTION, createSetting, RUN_ID, type Setting } from './perform-setting.ts';

const DEADLINE_MS = 20_000;

let its: Setting;
const begin = async (tool: Partial<Tool> = {}) => {
  its = createSetting({ tool });
  await its.propose();
  await its.open();
  await its.vote('ann');
};
/** The same step in another process, while this one is at it. */
const again = async () => perform({ ...its.deps, processId: 'p2', open: new Set() }, await its.input());
const lastAgain = async () => (await its.branch()).holds.at(-1)?.namedBy.body;

describe('F18: the same step twice at once', () => {
  beforeEach(() => begin({ replay: 'never' }));

  test('calls once', async () => {
    const both = await Promise.allSettled([its.perform(), again(), its.perform(), again()]);
    expect(its.world.calls).toHaveLength(1);
    expect(both.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(await its.result()).toMatchObject({ outcome: 'succeeded' });
  });

  /** The world changes when the first has passed its checks; a second step then comes to another end before it calls. */
  const overtaken = async (change: () => Promise<unknown> | unknown) => {
    const own = its.deps.journal.put.bind(its.deps.journal);
    let second: Promise<unknown> | undefined;
    its.deps.journal.put = async (runId, key, body, after) => {
      if (body.kind === 'intent' && second === undefined) {
        second = Promise.resolve();
        await change();
        await again();
      }
      return own(runId, key, body as never, after) as never;
    };
    await expect(its.perform()).rejects.toThrow(Retryable);
    its.deps.journal.put = own;
    expect(its.world.calls).toEqual([]);
  };

  test('and policy denies in between: not performed, and not called', async () => {
    await overtaken(() => {
      its.world.policy = 'deny';
    });
    expect(await its.result()).toMatchObject({ outcome: 'not performed' });
  });

  test('and an approver leaves in between: asked again, and not called', async () => {
    await overtaken(() => {
      its.world.people = { ...PEOPLE, ann: [] };
    });
    expect(await lastAgain()).toMatchObject({ why: 'authority' });
    await its.open();
    await its.vote('bob', 'reject');
    await its.perform();
    expect(its.world.calls).toEqual([]);
    expect(await its.result()).toMatchObject({ outcome: 'not performed', why: 'rejected by bob' });
  });

  test('and the run is cancelled in between: not performed, and not called', async () => {
    await overtaken(() => its.deps.journal.put(RUN_ID, cancelKey, { kind: 'cancel', who: 'ann' }, []));
    expect(await its.result()).toMatchObject({ outcome: 'not performed', why: 'the run was cancelled' });
  });

  test('and the run is cancelled, seen by one that read the hold before its approval: not called', async () => {
    const get = its.deps.journal.get.bind(its.deps.journal);
    await overtaken(async () => {
      await its.deps.journal.put(RUN_ID, cancelKey, { kind: 'cancel', who: 'ann' }, []);
      its.deps.journal.get = async (runId, keys) => {
        const seen = new Map(await get(runId, keys));
        seen.delete(settledKey(ACTION, 0).sk);
        return seen;
      };
    });
    its.deps.journal.get = get;
    expect(await its.result()).toMatchObject({ outcome: 'not performed', why: 'the run was cancelled' });
  });

  test('and the call comes first: what the second would decide waits for it', async () => {
    its.world.tool = async () => {
      its.world.policy = 'deny';
      await expect(again()).rejects.toThrow(Retryable);
      return 'paid';
    };
    await its.perform();
    expect(await its.result()).toMatchObject({ outcome: 'succeeded' });
  });

  test('and the call came first while the second was still checking: it decides nothing', async () => {
    let meanwhile = async () => ({});
    await begin({ replay: 'never', gather: () => meanwhile() });
    meanwhile = async () => {
      meanwhile = async () => ({});
      await its.perform();
      its.world.policy = 'strict';
      return {};
    };
    await expect(again()).rejects.toThrow('another attempt was first');
    expect(its.world.calls).toHaveLength(1);
    expect((await its.branch()).holds).toHaveLength(1);
    expect(await its.result()).toMatchObject({ outcome: 'succeeded' });
  });

  test('what was decided and not written yet is carried out by whoever comes next', async () => {
    const own = its.deps.journal.put.bind(its.deps.journal);
    its.deps.journal.put = async (runId, key, body, after) => {
      if (body.kind === 'again') throw new Error('dead');
      return own(runId, key, body as never, after) as never;
    };
    its.world.policy = 'strict';
    await expect(its.perform()).rejects.toThrow('dead');
    its.deps.journal.put = own;
    its.world.policy = 'lead';
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(await lastAgain()).toMatchObject({ why: 'stricter', route: 'strict' });
    expect(its.world.calls).toEqual([]);
  });
});

test('F18: a call that one is about to repeat, unanswered as it read, is not made once another has ended it', async () => {
  await begin({ replay: 'keyed' });
  its.world.tool = async () => {
    throw new NothingHappened('refused', { again: false });
  };
  await expect(its.perform()).rejects.toThrow(Retryable);
  its.clock.ms += DEADLINE_MS + 10_000;

  const { journal } = its.deps;
  const get = journal.get.bind(journal);
  const put = journal.put.bind(journal);
  journal.get = async (runId, keys) => {
    const before = new Map(await get(runId, keys));
    before.delete(outcomeKey(ACTION, 1).sk);
    return before;
  };
  journal.put = async (runId, key, body, after) => {
    if (body.kind === 'intent') {
      Object.assign(journal, { get, put });
      await again();
    }
    return put(runId, key, body as never, after) as never;
  };
  await expect(its.perform()).rejects.toThrow(Retryable);
  expect(its.world.calls).toHaveLength(1);
  expect(await its.result()).toMatchObject({ outcome: 'failed', why: 'refused' });
});

describe('F18, T31: a second step ends the action while the first is about to take from the sums', () => {
  const counts = ({ amount }: Record<string, unknown>) => ({
    payee: 'p',
    currency: 'EUR',
    amountMinor: Number(amount),
  });
  const counted = async () => {
    const row = await readCounter(its.deps.rows, `${AGENT}#EUR#p`);
    return row.taken.reduce((sum, { count }) => sum + count, 0);
  };
  const endedInBetween = async () => {
    const { rows } = its.deps;
    const own = rows.putNext.bind(rows);
    rows.putNext = async (row) => {
      rows.putNext = own;
      its.world.policy = 'deny';
      await again();
      its.world.policy = 'lead';
      return own(row);
    };
    await expect(its.perform()).rejects.toThrow('another attempt was first');
  };

  test('it takes nothing any more', async () => {
    await begin({ counts });
    await endedInBetween();
    expect(await its.result()).toMatchObject({ outcome: 'not performed' });
    expect(its.world.calls).toEqual([]);
    expect(await counted()).toBe(0);
  });

  test('what is refused has given back before it says so: nobody comes to it after that', async () => {
    await begin({ counts });
    its.world.tool = async () => {
      throw new NothingHappened('refused', { again: false });
    };
    await its.perform().catch(() => {});
    expect(await counted()).toBe(1);
    const own = its.deps.journal.put.bind(its.deps.journal);
    its.deps.journal.put = async (runId, key, body, after) => {
      if (body.kind === 'result') throw new Error('dead');
      return own(runId, key, body as never, after) as never;
    };
    await expect(its.perform()).rejects.toThrow('dead');
    expect(await counted()).toBe(0);
  });

  test('what is approved anew takes, and whoever gives back late leaves it', async () => {
    await begin({ counts });
    const { rows, now } = its.deps;
    const share = { id: `${AGENT}#EUR#p`, key: `${RUN_ID}.${ACTION}` };
    its.world.policy = 'strict';
    await its.perform();
    await its.open();
    await its.vote('ann');
    await its.vote('bob');
    await its.perform();
    expect(its.world.calls).toHaveLength(1);
    expect(await counted()).toBe(1);
    await giveBack(rows, share, 1, now());
    expect(await counted()).toBe(1);
  });
});

describe('a process that stands still', () => {
  test('past its deadline does not call any more', async () => {
    await begin({ replay: 'never' });
    const own = its.deps.journal.put.bind(its.deps.journal);
    its.deps.journal.put = async (runId, key, body, after) => {
      if (body.kind === 'intent') its.clock.ms += DEADLINE_MS;
      return own(runId, key, body as never, after) as never;
    };
    await expect(its.perform()).rejects.toThrow('nothing happened yet');
    expect(its.world.calls).toEqual([]);
  });
});

describe('Powertools switched off', () => {
  afterEach(() => {
    delete process.env.POWERTOOLS_IDEMPOTENCY_DISABLED;
  });

  test('by environment: nothing is performed', async () => {
    await begin();
    process.env.POWERTOOLS_IDEMPOTENCY_DISABLED = 'true';
    await expect(its.perform()).rejects.toThrow(Terminal);
    expect(its.world.calls).toEqual([]);
  });
});
