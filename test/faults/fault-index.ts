import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The faults by their number. Each has its tests, named by it. */
export const FAULTS = {
  F1: 'the same proposal twice (model retry, redelivery)',
  F2: 'the acknowledgement of `StartExecution` is lost, or it is throttled',
  F3: 'the policy engine crashes or traps',
  F4: 'a crash between the writes of Hold',
  F5: 'Hold is tried again: a new token, and the old one is dead',
  F6: 'a notice fails, is throttled, doubled or lost',
  F7: 'the API times out, and the client posts again',
  F8: 'approve and reject at once; quorum races',
  F9: 'a crash after the settlement, before the token is sent',
  F10: 'a token was taken, and its acknowledgement lost',
  F11: 'the sending of tokens is throttled',
  F12: 'a late approval against the time limit',
  F13: 'nobody ever answers',
  F14: 'Perform crashes before the call',
  F15: 'Perform crashes or times out after the call, before the record',
  F16: 'the tool throws after the effect (reset, time-out, 5xx)',
  F17: 'a redrive long after',
  F18: 'a redrive or automatic retry of Perform',
  F19: 'the same key with other arguments',
  F20: 'the window of the downstream’s keys has passed',
  F21: 'a 429, or a refused connection',
  F22: 'a conditional write succeeded, and its acknowledgement was lost',
  F23: 'DynamoDB is throttled',
  F24: 'TTL deletes late or never',
  F25: 'clocks five minutes apart',
  F26: 'the journal is unavailable before or after the effect',
  F27: 'a policy is deployed while holds wait',
  F28: 'code or a definition is deployed while holds wait',
  F29: 'poison input, a permanent error',
  F30: 'mail, identity provider or secret store are down',
  F31: 'a brake is set during execution',
  F32: 'the local process is killed (-9) at any instant',
} as const;

/** The files with tests that are named by a number, for each number. */
export function testsOfFaults(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of globSync('test/**/*.ts', { cwd: ROOT }).sort()) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const named = [...text.matchAll(/['"`](F\d+(?:, F\d+)*)\b/g)].flatMap(([, list = '']) =>
      list.split(', '),
    );
    for (const fault of new Set(named)) found.set(fault, [...(found.get(fault) ?? []), file]);
  }
  return found;
}

/** The table of docs/guarantees.md: `node test/faults/fault-index.ts` prints it. */
export function faultTable(): string {
  const tests = testsOfFaults();
  const link = (file: string) => `[${file.replace(/^test\//, '')}](../${file})`;
  const lines = Object.entries(FAULTS).map(
    ([number, fault]) => `| ${number} | ${fault} | ${(tests.get(number) ?? []).map(link).join(', ')} |`,
  );
  return ['| # | fault | tests |', '|---|---|---|', ...lines].join('\n');
}

if (import.meta.main) console.log(faultTable());
