import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verify } from '../../lambdas/journal/verify.ts';
import { loadScenario } from '../../lambdas/model/scenario-files.ts';
import { decideByLink } from '../../lib/local/approver.ts';
import { type Stack, startStack } from '../../lib/local/stack.ts';

let stack: Stack;
let data: string;
let decision: 'approve' | 'reject' = 'approve';
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'verify-'));
  stack = await startStack({
    data,
    port: 0,
    sandboxPort: 0,
    sandboxDelayMs: 0,
    report: () => {},
    env: {},
    notifier: {
      send: async (notices) => {
        for (const { approvers } of notices)
          if (approvers[0]) void decideByLink(approvers[0].link, { decision });
      },
    },
  });
}, 30_000);
afterAll(async () => {
  await stack.stop();
  rmSync(data, { recursive: true });
});

const call = async (path: string, body?: object): Promise<Record<string, unknown>> => {
  const answer = await fetch(stack.url + path, {
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    headers: { authorization: `Bearer ${stack.core.people.tokens.sam}`, 'content-type': 'application/json' },
  });
  return (await answer.json()) as Record<string, unknown>;
};

test.each([
  ['refund', 'approve'],
  ['mixed', 'approve'],
  ['mixed', 'reject'],
  ['denied', 'approve'],
  ['question', 'approve'],
  ['w', 'approve'],
] as const)(
  'the run %s, which people %s, verifies as it really was written',
  async (name, how) => {
    decision = how;
    const { agent, input } = loadScenario(name);
    const { runId } = await call('/runs', { agent, input, model: `scripted:${name}` });
    const until = Date.now() + 20_000;
    let run: Record<string, unknown>;
    do {
      await new Promise((resolve) => setTimeout(resolve, 50));
      run = await call(`/runs/${runId}`);
    } while (run.endedAt === undefined && Date.now() < until);
    expect(run.status).toBe('finished');
    const verdict = await call(`/runs/${runId}/audit?verify=1`);
    expect(verdict).toMatchObject({ ok: true, head: { key: expect.stringMatching(/^turn#/) } });
    expect(verdict.loose).toEqual(['exec#1']);

    const { journal } = stack.core.environment;
    const powers = ['oversight', 'proposals', 'effects'] as const;
    const items = (await Promise.all(powers.map((power) => journal.items(String(runId), power)))).flat();
    for (const { sk } of items.filter((each) => each.sk !== 'exec#1')) {
      const rest = items.filter((each) => each.sk !== sk);
      expect(verify(rest, { runId: String(runId), endedAs: 'finished' }).ok, `without ${sk}`).toBe(false);
    }
  },
  30_000,
);
