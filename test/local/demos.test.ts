import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadScenario } from '../../lambdas/model/scenario-files.ts';
import type { Notice } from '../../lambdas/notify/notify.ts';
import { onAlarm } from '../../lambdas/observe/report.ts';
import type { Demo } from '../../lib/local/demo/demo.ts';
import { demoOf } from '../../lib/local/demo/demos.ts';
import { createHands } from '../../lib/local/demo/hands.ts';
import { startStack } from '../../lib/local/stack.ts';

/** Plays a demonstration as `npm run demo` does. @returns what did not come true */
async function play(name: string, demo: Demo): Promise<string[]> {
  const data = mkdtempSync(join(tmpdir(), 'holdpoint-demos-'));
  const notices: Notice[] = [];
  const problems: string[] = [];
  const stack = await startStack({
    data,
    port: 0,
    sandboxPort: 0,
    sandboxDelayMs: 0,
    notifier: { send: async (sent) => void notices.push(...sent) },
    report: onAlarm((what) => problems.push(what)),
    env: {},
    reconcileMs: 200,
    ...(demo.routes ? { routes: demo.routes } : {}),
  });
  try {
    const { agent, input } = loadScenario(name);
    const body = { agent, input, model: `scripted:${name}` };
    await demo.play(createHands({ stack, body, notices, problems }));
    return problems;
  } finally {
    await stack.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

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
    expect(await play(name, demoOf(name, 'approve'))).toEqual([]);
  });

  test('refund, rejected', async () => {
    expect(await play('refund', demoOf('refund', 'reject'))).toEqual([]);
  });
});
