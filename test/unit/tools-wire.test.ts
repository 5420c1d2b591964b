import { expect, test } from 'vitest';
import type { Ledger } from '../../lambdas/sandbox/ledger.ts';
import { startSandbox } from '../../lambdas/sandbox/start-sandbox.ts';
import { sendWire } from '../../lambdas/tools/send-wire.ts';
import { sandboxForTools } from './tools-sandbox.ts';

const { url, fileBeside, context } = sandboxForTools({} as never);

const { args: schema, perform: send, readBack } = sendWire;
const args = schema.parse({
  customerId: 'C-1006',
  iban: 'DE89370400440532013000',
  amountMinor: 90_000,
  currency: 'EUR',
  reference: 'CANCEL-O-5060',
});
const effects = async (key: string) => {
  const ledger = (await (await fetch(`${url()}/ledger`)).json()) as Awaited<ReturnType<Ledger['read']>>;
  return ledger.effects.filter((effect) => effect.key === key);
};
const ask = (key: string, reference: string, env = {}) =>
  readBack?.(schema.parse({ ...args, reference }), context(key, env));

test('F15: reads back that its wire was made although the answer was lost', async () => {
  await expect(send(args, context('wire-1', { SANDBOX_FAULT: 'after' }))).rejects.toThrow('500');
  const [effect] = await effects('wire-1');
  expect(await ask('wire-1', 'CANCEL-O-5060')).toEqual({
    happened: true,
    result: { id: effect?.id, status: 'done', at: effect?.at },
  });
});

test('reads back that its wire was not made, also where another has the same reference', async () => {
  expect(await ask('wire-2', 'NEVER-SENT')).toEqual({ happened: false });
  expect(await ask('wire-2', 'CANCEL-O-5060')).toEqual({ happened: false });
});

test('does not know where a wire of that reference could be its own', async () => {
  await fetch(`${url()}/wires`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...args, reference: 'NO-KEY' }),
  });
  expect(await ask('wire-3', 'NO-KEY')).toEqual({
    happened: 'unknown',
    why: expect.stringMatching(/^wire wire-\d+ has this reference and no key$/),
  });
});

test('F15: does not know while the bank has the call and has not done it: another would be a second wire', async () => {
  const slow = await startSandbox({ port: 0, file: fileBeside('slow.jsonl'), delayMs: 400 });
  const env = { SANDBOX_URL: slow.url };
  const sent = send(args, context('wire-4', env));
  const asked = () => ask('wire-4', 'CANCEL-O-5060', env);
  await expect.poll(asked).toEqual({
    happened: 'unknown',
    why: 'the bank has the call, and has not done it yet',
  });
  await sent;
  expect(await asked()).toMatchObject({ happened: true });
  await slow.close();
});

test('does not know where the bank cannot be asked', async () => {
  // Which counts as not knowing.
  const asked = ask('wire-1', 'CANCEL-O-5060', { SANDBOX_URL: 'http://127.0.0.1:1' });
  await expect(asked).rejects.toThrow('fetch failed');
});
