import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const LAMBDAS = join(import.meta.dirname, '../../lambdas');

/** What reaches out of a process, by what it looks like in the sources. */
const REACHES_OUT = [
  /from 'node:(http|https|http2|net|tls|dgram|dns|child_process|fs|fs\/promises)'/,
  /\b(fetch|createRemoteJWKSet)\(/,
  /\bnew \w*Client\(/,
];

/** Where the failpoints stand around it, or where there is nothing to lose. */
const KNOWN: Readonly<Record<string, string>> = {
  'aws-environment.ts': 'makes the clients of the surroundings, which the failpoints wrap',
  'aws-secret.ts': 'is read by the links’ keys and the notifier, which the failpoints wrap',
  'notify/mail-channel.ts': 'is a channel of the notifier, which the failpoints wrap',
  'notify/topic-channel.ts': 'is a channel of the notifier, which the failpoints wrap',
  'notify/event-channel.ts': 'is a channel of the notifier, which the failpoints wrap',
  'notify/safe-post.ts': 'is a channel of the notifier, which the failpoints wrap',
  'events/handler.ts': 'decides nothing: what is recorded is told again until it was',
  'aws-people.ts': 'makes the client of the directory, which the failpoints wrap',
  'api/identity.ts': 'asks who the caller is, before anything else',
  'tools/downstream.ts': "the tools' HTTP, which the failpoints wrap",
  'tools/run-shell.ts': 'starts allow-listed commands that only read',
  'policy/load.ts': 'reads the policies at the start',
  'policy/linted.ts': 'reads what was linted of them at the start',
  'sandbox/file-ledger.ts': 'the other side',
  'sandbox/start-sandbox.ts': 'the other side',
  'sandbox/handler.ts': 'the other side',
};

it('functions reach out through what the failpoints wrap, and nowhere else', async () => {
  const found: string[] = [];
  for await (const file of glob('**/*.ts', { cwd: LAMBDAS })) {
    const text = readFileSync(join(LAMBDAS, file), 'utf8');
    const code = text.replace("import { STATUS_CODES } from 'node:http'", '');
    if (REACHES_OUT.some((pattern) => pattern.test(code))) found.push(file);
  }
  expect(found.sort()).toEqual(Object.keys(KNOWN).sort());
});

it('F24: nothing relies on records that expire by themselves', async () => {
  const found: string[] = [];
  for await (const file of glob('{lambdas,lib}/**/*.ts', { cwd: join(LAMBDAS, '..') })) {
    const text = readFileSync(join(LAMBDAS, '..', file), 'utf8');
    if (/timeToLive|\bttl\b/i.test(text)) found.push(file);
  }
  // Asking for it is answered; setting it is not offered.
  expect(found).toEqual(['lib/local/dynalite-operations.ts']);
});
