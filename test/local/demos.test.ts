import { describe, expect, test } from 'vitest';
import { loadScenario } from '../../lambdas/model/scenario-files.ts';
import { demoOf } from '../../lib/local/demo/demos.ts';
import { playDemo } from '../../lib/local/demo/play.ts';

/** @returns what did not come true */
const play = (name: string, decide: 'approve' | 'reject') =>
  playDemo(loadScenario(name), demoOf(name, decide), async ({ problems }) => problems);

describe('every demonstration shows what it says', () => {
  test.each([
    'refund',
    'question',
    'injected',
    'quorum',
    'escalation',
    'edit',
    'delegation',
    'parallel',
    'grant',
    'brake',
    'stale',
  ])('%s', async (name) => {
    expect(await play(name, 'approve')).toEqual([]);
  });

  test('refund, rejected', async () => {
    expect(await play('refund', 'reject')).toEqual([]);
  });
});
