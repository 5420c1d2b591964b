import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decideByLink } from '../../lib/local/approver.ts';
import { freePorts, type LocalProcess, startLocal } from '../support/local-process.ts';

interface Run {
  status: string;
  answer?: string;
  actions: {
    holds: { holdId: string; digest: string; settlement: string | null }[];
    effect?: { outcome: string };
  }[];
}

let data: string;
let ports: number[];
const processes: LocalProcess[] = [];
const start = async (args?: string[]) => {
  const one = await startLocal({ data, ports, ...(args ? { args } : {}) });
  processes.push(one);
  return one;
};

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'holdpoint-test-'));
  ports = await freePorts(2);
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.kill()));
  rmSync(data, { recursive: true, force: true });
});

const onlyRun = async (stack: LocalProcess) => {
  const { items } = (await (await stack.get('/runs')).json()) as { items: { runId: string }[] };
  expect(items).toHaveLength(1);
  return items[0]?.runId ?? '';
};
const runOf = async (stack: LocalProcess, runId: string) =>
  (await (await stack.get(`/runs/${runId}`)).json()) as Run;
const ended = async (stack: LocalProcess, runId: string) => {
  for (;;) {
    const run = await runOf(stack, runId);
    if (!['running', 'held'].includes(run.status)) return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const ledger = async (stack: LocalProcess) =>
  (await (await fetch(`${stack.sandboxUrl}/ledger`)).json()) as {
    effects: { kind: string; args: object }[];
    attempts: object[];
  };

describe('npm start', () => {
  // Wall-clock time, on a machine that may be busy with other tests: one of three starts must keep the promise.
  it('starts the sample run on an empty folder, prints inbox and link within 5 s, and pays once when approved', {
    retry: 2,
  }, async () => {
    const began = Date.now();
    const stack = await start([]);
    const link = await stack.link();
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(stack.output()).toContain(`${stack.url}/`);
    expect(await (await fetch(`${stack.url}/`)).text()).toContain('Refund 120.00 EUR');

    expect(await decideByLink(link, { decision: 'approve' })).toMatchObject({ status: 200 });
    const run = await ended(stack, await onlyRun(stack));
    expect(run).toMatchObject({ status: 'finished', answer: expect.stringContaining('refund') });
    const { effects, attempts } = await ledger(stack);
    expect(effects).toMatchObject([{ kind: 'refund', args: { amountMinor: 12_000, orderId: 'O-5001' } }]);
    expect(attempts).toHaveLength(1);
  });

  it('ends cleanly on Ctrl-C, and a second start keeps everything and starts no second sample', async () => {
    const first = await start([]);
    const link = await first.link();
    const before = await runOf(first, await onlyRun(first));
    expect(await first.interrupt()).toBe(0);

    const second = await start([]);
    const runId = await onlyRun(second);
    expect(await runOf(second, runId)).toEqual(before);
    await decideByLink(link, { decision: 'reject', comment: 'no' });
    expect(await ended(second, runId)).toMatchObject({ status: 'finished' });
    expect((await ledger(second)).effects).toEqual([]);
  });

  it('F32: the same link works after kill -9 with a hold open', async () => {
    const first = await start([]);
    const link = await first.link();
    await first.kill();
    const second = await start([]);
    expect(await decideByLink(link, { decision: 'approve' })).toMatchObject({ status: 200 });
    await ended(second, await onlyRun(second));
    expect((await ledger(second)).effects).toHaveLength(1);
  });

  it('ends when a write fails, and has all that it had answered for at the next start', async () => {
    const full = await startLocal({ data, ports, largestFile: 300 });
    processes.push(full);
    const answered: string[] = [];
    for (;;) {
      const body = { agent: 'support', input: 'x'.repeat(20_000), model: 'scripted:refund' };
      const answer = await full.post('/runs', body, 'sam').catch(() => undefined);
      if (answer?.status !== 201) break;
      answered.push(((await answer.json()) as { runId: string }).runId);
    }
    if (full.child.exitCode === null) await once(full.child, 'exit');
    expect(full.child.exitCode).toBe(1);
    expect(full.output()).toContain(`The data folder ${data} cannot be written to any more: IO error`);
    expect(answered.length).toBeGreaterThan(0);
    const stack = await start();
    for (const runId of answered) expect((await stack.get(`/runs/${runId}`)).status).toBe(200);
  });

  it.skipIf(process.platform === 'win32')('ends without a trace where nobody reads what it says', () => {
    const env = { ...process.env, HOLDPOINT_DATA: data, PORT: `${ports[0]}`, SANDBOX_PORT: `${ports[1]}` };
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', '"$0" bin/local.ts --no-sample | true', process.execPath],
      {
        env,
        encoding: 'utf8',
        timeout: 15_000,
      },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('refuses a data folder that is in use, and says by whom', async () => {
    const first = await start();
    const others = await freePorts(2);
    const second = startLocal({ data, ports: others });
    await expect(second).rejects.toThrow(`in use by process ${first.child.pid}`);
  });

  it('says which port is taken', async () => {
    await start();
    const other = mkdtempSync(join(tmpdir(), 'holdpoint-test-'));
    await expect(startLocal({ data: other, ports })).rejects.toThrow(
      `Port ${ports[0]} of 127.0.0.1 is taken`,
    );
    rmSync(other, { recursive: true, force: true });
  });

  it.each([
    ['HOLDPOINT_MODEL', 'antropic:claude', 'There is no model "antropic:claude": choose scripted:NAME'],
    ['HOLDPOINT_MODEL', 'scripted:refnud', 'refnud'],
    ['HOLDPOINT_DWELL_SECONDS', 'five', 'a whole number of seconds'],
    ['SANDBOX_DELAY_MS', '-1', 'a whole number of milliseconds'],
    ['SANDBOX_DELAY_MS', '2147483648', 'a day at most'],
    ['POWERTOOLS_IDEMPOTENCY_DISABLED', 'true', 'nothing would be performed'],
  ])('does not start with %s=%s, and says what is wrong', async (name, value, message) => {
    const started = startLocal({ data, ports, env: { [name]: value } });
    await expect(started).rejects.toThrow(`it ended with 2: ${name}=${value}: `);
    await expect(started).rejects.toThrow(message);
  });

  it.each(['0x22', ' '])('does not take %j for a port', async (PORT) => {
    const env = { ...process.env, HOLDPOINT_DATA: data, PORT };
    const { status, stderr } = spawnSync(process.execPath, ['bin/local.ts'], { env, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `PORT=${PORT}: a port is a number from 0 to 65535\n`,
    });
  });

  it('asks for the sandbox’s port where there is none after its own', async () => {
    const env = { ...process.env, HOLDPOINT_DATA: data, PORT: '65535', SANDBOX_PORT: '' };
    const { status, stderr } = spawnSync(process.execPath, ['bin/local.ts'], { env, encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('SANDBOX_PORT') });
  });

  it.each([
    ['people.json', '[{"id": "a", "name": "A", "groups": []}, {"id": "a", "name": "B", "groups": []}]'],
    ['ledger.jsonl', 'null\n'],
    ['dynamodb', 'not a folder'],
  ])('names %s of the data folder where it cannot be used, without a trace', async (name, text) => {
    writeFileSync(join(data, name), text);
    const started = startLocal({ data, ports });
    await expect(started).rejects.toThrow(join(data, name));
    await expect(started).rejects.not.toThrow('    at ');
  });

  it('names a file of the data folder that it cannot read, without a trace of its own code', async () => {
    writeFileSync(join(data, 'tokens.json'), '{');
    const started = startLocal({ data, ports });
    await expect(started).rejects.toThrow(`it ended with 1: ${join(data, 'tokens.json')} is not JSON: `);
    await expect(started).rejects.not.toThrow('    at ');
  });

  it('says why a run does not get on while its model is not there', async () => {
    const [nobody] = await freePorts(1);
    const HOLDPOINT_MODEL_BASE_URL = `http://127.0.0.1:${nobody}/v1`;
    const env = { HOLDPOINT_MODEL: 'openai-compatible:x', HOLDPOINT_MODEL_BASE_URL };
    const stack = await startLocal({ data, ports, env });
    processes.push(stack);
    const answer = await stack.post('/runs', { agent: 'support', input: 'x' });
    const { runId } = (await answer.json()) as { runId: string };
    await expect
      .poll(() => stack.output(), { timeout: 10_000 })
      .toMatch(new RegExp(`WARN a step is to be tried again.*not available.*${runId}`));
  });

  it('listens on the loopback interface only', async () => {
    const stack = await start();
    const { networkInterfaces } = await import('node:os');
    const others = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter((one) => one.family === 'IPv4' && !one.internal);
    for (const { address } of others) {
      await expect(fetch(`http://${address}:${ports[0]}/healthz`)).rejects.toThrow();
    }
    expect((await fetch(`${stack.url}/healthz`)).status).toBe(200);
  });

  it('keeps tokens and keys readable by their owner only', async () => {
    await start();
    const { statSync } = await import('node:fs');
    for (const name of ['tokens.json', 'link-key.json', 'people.json']) {
      expect(statSync(join(data, name)).mode & 0o077, name).toBe(0);
    }
  });
});
