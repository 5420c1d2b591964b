import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scenario } from '../../../lambdas/model/scenario.ts';
import type { Notice } from '../../../lambdas/notify/notify.ts';
import { onAlarm } from '../../../lambdas/observe/report.ts';
import { type Stack, startStack } from '../stack.ts';
import type { Demo } from './demo.ts';
import { createHands, type Hands } from './hands.ts';

export interface Played {
  readonly stack: Stack;
  readonly hands: Hands;
  /** The runs that it made, first first. */
  readonly runIds: readonly string[];
  /** What did not come true; alarms too. More may be said while it is looked at. */
  readonly problems: string[];
}

/** Plays a scenario on a stack of its own, on free ports over a temporary folder, and has what came of it looked at. */
export async function playDemo<T>(
  { name, agent, input }: Scenario,
  demo: Demo,
  look: (played: Played) => Promise<T>,
): Promise<T> {
  const data = mkdtempSync(join(tmpdir(), 'holdpoint-demo-'));
  const notices: Notice[] = [];
  const problems: string[] = [];
  try {
    const stack = await startStack({
      data,
      port: 0,
      sandboxPort: 0,
      sandboxDelayMs: 0,
      notifier: { send: async (sent) => void notices.push(...sent) },
      report: onAlarm((words) => problems.push(words)),
      env: {},
      reconcileMs: 200,
      ...(demo.routes ? { routes: demo.routes } : {}),
    });
    try {
      const body = { agent, input, model: `scripted:${name}` };
      const hands = createHands({ stack, body, notices, problems });
      const runIds = await demo.play(hands).catch((error) => {
        problems.push(error instanceof Error ? error.message : String(error));
        return [];
      });
      return await look({ stack, hands, runIds, problems });
    } finally {
      await stack.stop();
    }
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}
