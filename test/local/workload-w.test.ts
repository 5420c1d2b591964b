import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { loggable } from '../../lambdas/observe/loggable.ts';
import { onAlarm } from '../../lambdas/observe/report.ts';
import { decideByLink } from '../../lib/local/approver.ts';
import { type Stack, startStack } from '../../lib/local/stack.ts';

let stack: Stack | undefined;
let data: string | undefined;
afterEach(async () => {
  await stack?.stop();
  if (data) rmSync(data, { recursive: true, force: true });
});

it('workload W, four turns with one allowed and two held actions, takes 14 transitions and ends with two effects', async () => {
  data = mkdtempSync(join(tmpdir(), 'holdpoint-w-'));
  const asked: string[] = [];
  const lines: string[] = [];
  const sums: Record<string, number> = {};
  const made = await startStack({
    data,
    port: 0,
    sandboxPort: 0,
    sandboxDelayMs: 0,
    report: (event, where = {}, counts = {}) => {
      onAlarm((what) => expect.unreachable(what))(event, where);
      lines.push(JSON.stringify({ event, ...loggable(where) }));
      for (const [name, value] of Object.entries(counts)) if (value > 0) sums[name] = (sums[name] ?? 0) + 1;
    },
    env: {},
    notifier: {
      send: async (notices) => {
        for (const { approvers } of notices) {
          asked.push(...approvers.map(({ member }) => member.id));
          void decideByLink(approvers[0]?.link ?? '', { decision: 'approve' });
        }
      },
    },
  });
  stack = made;
  const headers = {
    authorization: `Bearer ${made.core.people.tokens.sam}`,
    'content-type': 'application/json',
  };
  const body = JSON.stringify({ agent: 'support', input: 'W', model: 'scripted:w' });
  const { runId } = (await (await fetch(`${made.url}/runs`, { method: 'POST', headers, body })).json()) as {
    runId: string;
  };
  const run = await expect.poll(async () => (await fetch(`${made.url}/runs/${runId}`, { headers })).json(), {
    timeout: 10_000,
  });
  await run.toMatchObject({
    status: 'finished',
    turns: 4,
    actions: [
      { tool: 'lookup_customer', ruling: { decision: 'allow' }, holds: [], effect: { outcome: 'succeeded' } },
      {
        tool: 'issue_refund',
        ruling: { decision: 'hold' },
        holds: [{ settlement: 'approved' }],
        effect: { outcome: 'succeeded' },
      },
      {
        tool: 'send_email',
        ruling: { decision: 'hold' },
        holds: [{ settlement: 'approved' }],
        effect: { outcome: 'succeeded' },
      },
    ],
  });
  expect(asked).toEqual(['lena', 'lena']);
  // The run's end is recorded before its execution enters its last states.
  await expect.poll(() => made.core.stepFunctions.transitions(`${runId}-1`)).toBe(14);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(made.core.stepFunctions.transitions(`${runId}-1`)).toBe(14);
  const ledger = (await (await fetch(`${made.sandboxUrl}/ledger`)).json()) as {
    effects: unknown[];
    attempts: unknown[];
  };
  expect(ledger.effects).toHaveLength(2);
  expect(ledger.attempts).toHaveLength(2);

  const verified = await (await fetch(`${made.url}/runs/${runId}/audit?verify=1`, { headers })).json();
  expect(verified).toMatchObject({ ok: true });

  // Everything is counted once, and nothing was done twice.
  expect(sums).toEqual({
    RunsStarted: 1,
    ActionsAllowed: 1,
    ActionsHeld: 2,
    ActionsSucceeded: 3,
    HoldsOpened: 2,
    DecisionLatency: 2,
    RunsFinished: 1,
  });
  // Whatever the run was about, none of it is in a log (T23).
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.join('\n')).not.toMatch(/refund|C-1001|O-5001|Ada|EUR|headphones/i);
  for (const line of lines) expect(JSON.parse(line).runId).toBe(runId);
});
