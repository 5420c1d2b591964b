import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { routes, suspiciousRoute } from '../../lambdas/oversight/routes.ts';
import { createGate } from '../../lambdas/policy/gate.ts';
import { looksLike, skeleton } from '../../lambdas/policy/look-alike.ts';
import { defineTool } from '../../lambdas/tools/tool.ts';
import { email, proposal, sampleGate } from './policy-sample.ts';

const pay = defineTool({
  name: 'pay',
  version: 1,
  description: '',
  args: z.strictObject({ payee: z.string() }),
  replay: 'keyed',
  tier: 'low',
  title: () => '',
  facts: z.strictObject({ payees: z.array(z.string()) }),
  known: (_, { payees }) => ({ payee: payees as string[] }),
  perform: async () => null,
});
const gate = createGate({
  agents: [{ name: 'payer', tools: [pay] }],
  routes,
  suspiciousRoute,
  policies: [
    { name: 'pay.cedar', text: '@id("pay") @decision("allow") permit (principal, action, resource);' },
  ],
});
const PAYEES = ['Paypal Europe', 'bank.example.com', 'Müller & Söhne'];
const paying = (payee: string) =>
  gate.rule(proposal('pay', { payee }, { agent: 'payer', facts: { payees: PAYEES } })).ruling;

describe('T17: names that look alike', () => {
  it.each([
    ['Cyrillic letters', 'Раураl Еurоре', 'Paypal Europe'],
    ['one Cyrillic letter', 'Pаypal Europe', 'Paypal Europe'],
    ['Greek letters', 'Ραypal Εurope', 'Paypal Europe'],
    ['full-width letters', 'Ｐａｙｐａｌ Europe', 'Paypal Europe'],
    ['a digit for a letter', 'Paypa1 Europe', 'Paypal Europe'],
    ['a capital i for an l', 'PaypaI Europe', 'Paypal Europe'],
    ['an accent', 'Páypal Europe', 'Paypal Europe'],
    ['two letters for one', 'bank.exarnple.com', 'bank.example.com'],
    ['an encoded domain', 'xn--bnk-6cd.example.com', 'bank.example.com'],
    ['a dropped accent', 'Muller & Sohne', 'Müller & Söhne'],
  ])('%s in place of a known payee are held at tier high', (_, payee, like) => {
    const ruling = paying(payee);
    expect(ruling).toMatchObject({ decision: 'hold', route: suspiciousRoute, tier: 'high' });
    expect(ruling.reason).toContain(`payee looks like ${like}`);
  });

  it('an encoded domain is shown as people would see it', () => {
    expect(paying('xn--bnk-6cd.example.com').reason).toContain('(bаnk.example.com)');
  });

  it.each([
    'Paypal Europe',
    'paypal europe',
    'bank.example.com',
    'Mu\u0308ller & So\u0308hne',
    'Somebody else',
  ])('the known one itself, and one that looks like none, are ruled on by the policy alone: %s', (payee) => {
    expect(paying(payee)).toMatchObject({ decision: 'allow', policies: ['pay'] });
  });

  it('nothing known, nothing to look like', () => {
    expect(looksLike('Paypal', [])).toBeUndefined();
    expect(skeleton('')).toBe('');
  });

  it('a mail to what only looks like the customer’s own address is held at tier high', () => {
    const facts = { ownAddress: false, address: 'ada.fischer@example.com' };
    const { ruling } = sampleGate().rule(
      proposal('send_email', email({ to: 'ada.fischer@exarnple.com' }), { facts }),
    );
    expect(ruling).toMatchObject({ decision: 'hold', tier: 'high' });
    expect(ruling.reason).toContain('to looks like ada.fischer@example.com');
  });
});
