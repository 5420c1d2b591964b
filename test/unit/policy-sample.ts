import { join } from 'node:path';
import { support } from '../../lambdas/agents/support.ts';
import type { JsonObject } from '../../lambdas/json.ts';
import { NOTHING } from '../../lambdas/oversight/counters.ts';
import { routes, suspiciousRoute } from '../../lambdas/oversight/routes.ts';
import { createGate, type GateOptions } from '../../lambdas/policy/gate.ts';
import type { PolicyFile } from '../../lambdas/policy/lint.ts';
import { readPolicies } from '../../lambdas/policy/load.ts';
import type { Proposal } from '../../lambdas/policy/proposal.ts';

export const samplePolicies: readonly PolicyFile[] = readPolicies(
  join(import.meta.dirname, '../../lambdas/policy'),
);

export const sampleGate = (options: Partial<GateOptions> = {}) =>
  createGate({ agents: [support], routes, suspiciousRoute, policies: samplePolicies, ...options });

export const refund = (changes: JsonObject = {}): JsonObject => ({
  customerId: 'C-1001',
  orderId: 'O-5001',
  amountMinor: 4_999,
  currency: 'EUR',
  reason: 'Headphones sent back',
  ...changes,
});

export const email = (changes: JsonObject = {}): JsonObject => ({
  customerId: 'C-1001',
  to: 'ada.fischer@example.com',
  subject: 'Your order',
  body: 'Dear Ada,\n\nit is on its way.',
  ...changes,
});

export const proposal = (tool: string, args: unknown, changes: Partial<Proposal> = {}): Proposal => ({
  agent: 'support',
  requester: 'rita',
  tool,
  args,
  untrusted: false,
  ...(tool === 'issue_refund' || tool === 'send_wire' ? { counters: NOTHING } : {}),
  ...(tool === 'send_email' ? { facts: { ownAddress: true } } : {}),
  ...changes,
});
