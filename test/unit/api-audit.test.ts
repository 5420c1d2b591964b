import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonical, fingerprint } from '../../lambdas/journal/digest.ts';
import { type Power, partition } from '../../lambdas/journal/keys.ts';
import type { Json } from '../../lambdas/json.ts';
import { TABLES } from '../../lib/local/layout.ts';
import { createWorld, type World } from '../support/api-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

interface Line {
  power: Power;
  key: string;
  hash: string;
  body: Json;
}
const linesOf = async (runId: string) => {
  const answer = await world.get(`/runs/${runId}/audit`, 'sam');
  expect(answer.headers.get('content-type')).toMatch(/^application\/jsonl/);
  const text = await answer.text();
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
};
const tamper = (runId: string, power: Power, sk: string, body: string) =>
  world.dynamodb.send(
    new UpdateCommand({
      TableName: TABLES.journal,
      Key: { pk: partition(power, runId), sk },
      UpdateExpression: 'SET body = :body',
      ExpressionAttributeValues: { ':body': body },
    }),
  );

describe('the audit of a run', () => {
  test('is its records, one a line, whose hashes anybody can recompute', async () => {
    const { runId, holdId } = await world.ask();
    await world.vote(holdId, 'lena', { decision: 'approve' });
    const lines = await linesOf(runId);
    expect(lines.map(({ key }) => key).sort()).toEqual([...(await world.journal.whole(runId)).keys()].sort());
    for (const { power, key, hash, body } of lines) {
      expect(fingerprint(`${partition(power, runId)}\n${key}\n${canonical(body)}`)).toBe(hash);
    }
  });

  test('says whether they are as they were written', async () => {
    const { runId } = await world.ask();
    const answer = await world.get(`/runs/${runId}/audit?verify=1`, 'sam');
    expect(await answer.json()).toEqual({ runId, ok: true, records: 4, loose: [] });
  });

  test('T24: names the record that was changed, while the run itself is shown to nobody any more', async () => {
    const { runId } = await world.ask();
    const [hold] = (await linesOf(runId)).filter(({ key }) => key.endsWith('#hold#0'));
    const body = canonical({ ...(hold?.body as object), quorum: 0 } as Json);
    await tamper(runId, 'oversight', hold?.key ?? '', body);
    const verdict = await (await world.get(`/runs/${runId}/audit?verify=1`, 'sam')).json();
    expect(verdict).toMatchObject({ ok: false, finding: { as: 'changed', key: hold?.key } });
    expect((await world.get(`/runs/${runId}`, 'sam')).status).toBe(500);
    expect(await linesOf(runId)).toHaveLength(4);
  });

  test('shows a text that is no canonical JSON as the text it is', async () => {
    const { runId } = await world.ask();
    await tamper(runId, 'proposals', 'turn#0001', '{ "kind":');
    const lines = await linesOf(runId);
    expect(lines.find(({ key }) => key === 'turn#0001')?.body).toBe('{ "kind":');
  });

  test('misses the end of a run that is known to have ended', async () => {
    const { runId } = await world.ask();
    await world.rows.change('run', runId, { status: 'finished', due: undefined });
    const answer = await world.get(`/runs/${runId}/audit?verify=1`, 'sam');
    expect(await answer.json()).toMatchObject({ ok: false, finding: { as: 'missing', key: 'turn#0002' } });
  });
});
