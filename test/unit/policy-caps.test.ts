import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Json } from '../../lambdas/json.ts';
import { routes, suspiciousRoute } from '../../lambdas/oversight/routes.ts';
import { createGate } from '../../lambdas/policy/gate.ts';
import { CAPS } from '../../lambdas/policy/plain-json.ts';
import { defineTool } from '../../lambdas/tools/tool.ts';
import { proposal } from './policy-sample.ts';

describe('T26: hostile JSON', () => {
  // A tool that would take almost anything, so that the caps alone stand in the way.
  const open = defineTool({
    name: 'open',
    version: 1,
    description: '',
    args: z.strictObject({
      list: z.array(z.string().meta({ freeText: true })).optional(),
      text: z.string().optional(),
    }),
    replay: 'safe',
    tier: 'low',
    title: () => '',
    perform: async () => null,
  });
  const openGate = createGate({
    agents: [{ name: 'opener', tools: [open] }],
    routes,
    suspiciousRoute,
    policies: [
      { name: 'p.cedar', text: '@id("p") @decision("allow") permit (principal, action, resource);' },
    ],
  });
  const rule = (args: unknown) => openGate.rule(proposal('open', args, { agent: 'opener' })).ruling;
  const nested = (levels: number): Json => (levels === 1 ? {} : { a: nested(levels - 1) });
  const keys = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
  const sized = (bytes: number) => ({ text: 'x'.repeat(bytes - '{"text":""}'.length) });

  it('is let through to the schema up to each cap and refused above it', () => {
    expect(rule(nested(CAPS.depth)).reason).toContain('Unrecognized key');
    expect(rule(nested(CAPS.depth + 1)).reason).toContain('nested deeper than 32');
    expect(rule(keys(CAPS.keys)).reason).toContain('Unrecognized key');
    expect(rule(keys(CAPS.keys + 1)).reason).toContain('more than 500 keys');
    expect(rule({ list: new Array(CAPS.keys - 1).fill('a') }).decision).toBe('allow');
    expect(rule({ list: new Array(CAPS.keys).fill('a') }).reason).toContain('keys and list items');
    expect(rule(sized(CAPS.bytes)).decision).toBe('allow');
    expect(rule(sized(CAPS.bytes + 1)).reason).toContain('larger than 32768 bytes');
    expect(rule({ text: 'ü'.repeat(CAPS.bytes / 2) }).reason).toContain('larger than');
    expect(rule({ text: '"'.repeat(CAPS.bytes / 2) }).reason).toContain('larger than');
  });

  it.each<[string, unknown]>([
    ['5,000 levels', JSON.parse('['.repeat(5_000) + ']'.repeat(5_000))],
    ['100,000 keys', keys(100_000)],
    ['ten megabytes', { text: 'x'.repeat(10_000_000) }],
    ['a list of a million', { list: new Array(1_000_000).fill('') }],
    [
      'the largest list that fits',
      { list: Array.from({ length: 499 }, (_, index) => `${index}`.padStart(60)) },
    ],
    ['odd characters only', { list: ['\u200B'.repeat(10_000)] }],
    ['unknown keys with long names', { ['k'.repeat(30_000)]: 1 }],
  ])('%s: a ruling in 50 ms, and the next call is normal', (_, args) => {
    // Processor time, not the clock's: other tests share the machine.
    const took = Array.from({ length: 5 }, () => {
      const start = process.cpuUsage();
      expect(rule(args).reason.length).toBeLessThanOrEqual(1_000);
      return process.cpuUsage(start).user / 1000;
    });
    expect(Math.min(...took)).toBeLessThan(50);
    expect(rule({ text: 'fine' }).decision).toBe('allow');
  });
});
