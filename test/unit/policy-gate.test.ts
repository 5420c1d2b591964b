import { describe, expect, it } from 'vitest';
import { email, proposal, refund, sampleGate } from './policy-sample.ts';

const gate = sampleGate();
const rule = (tool: string, args: unknown, changes = {}) => gate.rule(proposal(tool, args, changes)).ruling;
const wire = { customerId: 'C-1001', iban: 'DE89370400440532013000', currency: 'EUR', reference: 'CANCEL-1' };

describe('the sample policies', () => {
  it.each([
    [1, 'allow', undefined, 'low', 'refund-small'],
    [4_999, 'allow', undefined, 'low', 'refund-small'],
    [5_000, 'hold', 'support-lead', 'medium', 'refund-medium'],
    [50_000, 'hold', 'support-lead', 'medium', 'refund-medium'],
    [50_001, 'hold', 'finance', 'high', 'refund-large'],
    [500_000, 'hold', 'finance', 'high', 'refund-large'],
    [500_001, 'deny', undefined, 'high', 'refund-too-large'],
  ])('rule on a refund of %i as %s', (amountMinor, decision, route, tier, policy) => {
    const ruling = rule('issue_refund', refund({ amountMinor }));
    expect(ruling).toMatchObject({ decision, tier, policies: [policy], policyVersion: gate.policyVersion });
    expect('route' in ruling ? ruling.route : undefined).toBe(route);
  });

  it('give the reason that a forbid carries for people', () => {
    const { reason } = rule('issue_refund', refund({ amountMinor: 500_001 }));
    expect(reason).toBe('Refunds over 5,000.00 are not made by agents.');
  });

  it.each([
    ['lookup_customer', { customerId: 'C-1001' }, {}, { decision: 'allow', tier: 'low' }],
    ['read_notes', { customerId: 'C-1001' }, {}, { decision: 'allow', tier: 'low' }],
    ['send_email', email(), {}, { decision: 'allow' }],
    [
      'send_email',
      email(),
      { facts: { ownAddress: false } },
      { decision: 'hold', route: 'support-lead', tier: 'medium' },
    ],
    [
      'delete_record',
      { table: 'orders', id: 'O-5001' },
      {},
      { decision: 'hold', route: 'critical', tier: 'critical' },
    ],
    ['run_shell', { command: 'uptime' }, {}, { decision: 'allow' }],
    ['run_shell', { command: 'uptime; rm -rf /' }, {}, { decision: 'deny', policies: ['shell-other'] }],
    ['send_wire', { ...wire, amountMinor: 90_000 }, {}, { decision: 'hold', route: 'finance', tier: 'high' }],
    ['send_wire', { ...wire, amountMinor: 500_001 }, {}, { decision: 'deny', policies: ['wire-too-large'] }],
    [
      'ask_human',
      { question: 'Refund?', choices: ['Yes', 'No'] },
      {},
      { decision: 'hold', route: 'question', tier: 'low' },
    ],
  ])('rule on %s', (tool, args, changes, expected) => {
    expect(rule(tool, args, changes)).toMatchObject(expected);
  });

  it.each([
    ['issue_refund', refund()],
    ['send_email', email()],
    ['run_shell', { command: 'uptime' }],
  ])('T32: hold %s, which is allowed in a trusted run, once strangers were read', (tool, args) => {
    expect(rule(tool, args).decision).toBe('allow');
    expect(rule(tool, args, { untrusted: true })).toMatchObject({ decision: 'hold', route: 'support-lead' });
  });

  it('T32: still allow reading in an untrusted run', () => {
    expect(rule('lookup_customer', { customerId: 'C-1001' }, { untrusted: true }).decision).toBe('allow');
  });
});

describe('a proposal', () => {
  it('comes back with its arguments, unchanged', () => {
    expect(gate.rule(proposal('issue_refund', refund())).args).toEqual(refund());
  });

  it('of an unknown tool is denied, and told which tools there are', () => {
    const { decision, reason } = rule('transfer_all', {});
    expect(decision).toBe('deny');
    expect(reason).toMatch(/"transfer_all".*lookup_customer.*issue_refund/);
  });

  it.each(['constructor', '__proto__', 'toString', ''])('of the tool "%s" is denied', (tool) => {
    expect(rule(tool, {}).reason).toMatch(/^unknown tool/);
  });

  it('of an unknown agent is denied', () => {
    expect(rule('issue_refund', refund(), { agent: 'billing' }).reason).toBe('unknown agent "billing"');
  });

  it('with an unknown, missing or ill-formed argument is denied, and the field is named', () => {
    expect(rule('issue_refund', refund({ approved: true })).reason).toContain('approved');
    expect(rule('issue_refund', { orderId: 'O-5001' }).reason).toContain('amountMinor');
    expect(rule('issue_refund', refund({ orderId: '5001' })).reason).toContain('orderId');
    expect(gate.rule(proposal('issue_refund', refund({ orderId: '5001' }))).args).toBeUndefined();
  });

  it.each([
    ['missing', undefined],
    ['of another type', { ownAddress: 'yes' }],
    ['too many', { ownAddress: true, approved: true }],
  ])('whose facts are %s is denied', (_, facts) => {
    const { facts: _own, ...bare } = proposal('send_email', email());
    const { ruling } = gate.rule({ ...bare, ...(facts ? { facts } : {}) });
    expect(ruling).toMatchObject({ decision: 'deny', reason: expect.stringContaining('facts') });
  });
});
