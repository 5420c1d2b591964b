import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FAULTS, faultTable, testsOfFaults } from './fault-index.ts';

it('every fault of the matrix has a test that is named by its number, and no test names another', () => {
  expect([...testsOfFaults().keys()].sort()).toEqual(Object.keys(FAULTS).sort());
});

it('docs/guarantees.md has the table that the tests make: node test/faults/fault-index.ts prints it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/guarantees.md'), 'utf8');
  expect(page).toContain(faultTable());
});
