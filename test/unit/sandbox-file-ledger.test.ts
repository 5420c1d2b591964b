import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFileLedger } from '../../lambdas/sandbox/file-ledger.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  file = join(folder, 'ledger.jsonl');
});

afterEach(() => rmSync(folder, { recursive: true }));

const refund = { key: 'k1', kind: 'refund', args: { amountMinor: 100 } } as const;

test('what it returns has been written, also when the process never closes it', () => {
  const ledger = openFileLedger(file);
  ledger.attempt(refund);
  ledger.once(refund);
  const other = openFileLedger(file);
  expect(other.read()).toEqual(ledger.read());
  expect(other.read()).toMatchObject({ effects: [refund], attempts: [{ key: 'k1', kind: 'refund' }] });
  ledger.close();
  other.close();
});

test('a torn last line is cut off, and what is written next stands on a line of its own', () => {
  const ledger = openFileLedger(file);
  ledger.once(refund);
  ledger.close();
  appendFileSync(file, '{"type":"effect","id":"refund-2","key":"k2","ki');
  const after = openFileLedger(file);
  expect(after.read()).toMatchObject({ effects: [{ key: 'k1' }] });
  after.once({ ...refund, key: 'k2' });
  after.close();
  const again = openFileLedger(file);
  expect(again.read()).toMatchObject({ effects: [{ key: 'k1' }, { key: 'k2' }] });
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
  again.close();
});

test('a line that was torn within a character is cut off, too', () => {
  const whole = openFileLedger(file);
  whole.once({ ...refund, args: { reason: 'Þ' } });
  whole.close();
  appendFileSync(file, Buffer.from('{"reason":"Þ').subarray(0, -1));
  const after = openFileLedger(file);
  expect(after.read()).toMatchObject({ effects: [{ args: { reason: 'Þ' } }] });
  after.close();
});

test('damage anywhere else is an error that names the line', () => {
  writeFileSync(file, '{"type":"attempt","key":null,"kind":"wire","at":"2026"}\n{"type":\n');
  expect(() => openFileLedger(file)).toThrow(`${file}:2`);
});

test('a closed ledger writes nothing', () => {
  const ledger = openFileLedger(file);
  ledger.close();
  expect(() => ledger.attempt(refund)).toThrow('closed');
  expect(readFileSync(file, 'utf8')).toBe('');
});

test('what the disk took only a part of is taken back, and leaves the others whole', () => {
  const program = `
    const { openFileLedger } = await import('./lambdas/sandbox/file-ledger.ts');
    const ledger = openFileLedger(${JSON.stringify(file)});
    const large = { key: 'k1', kind: 'refund', args: { reason: 'x'.repeat(2_000) } };
    try { ledger.once(large); } catch { ledger.attempt({ key: 'k2', kind: 'refund' }); }
  `;
  const limited = ['-c', 'ulimit -f 1 && exec "$0" "$@"', process.execPath];
  const { stderr, status } = spawnSync(
    'sh',
    [...limited, '--input-type=module-typescript', '--eval', program],
    {
      cwd: join(import.meta.dirname, '../..'),
      encoding: 'utf8',
    },
  );
  expect([status, stderr]).toEqual([0, '']);
  const after = openFileLedger(file);
  expect(after.read()).toEqual({ effects: [], attempts: [expect.objectContaining({ key: 'k2' })] });
  after.close();
});
