import type { Model, ModelAnswer } from '../../lambdas/model/model.ts';

/** One turn of a test's model: what it proposes, or its answer. */
export type Turn = readonly { readonly tool: string; readonly args: object }[] | string;

/** A model that says turn by turn what it was told to, whatever came before. */
export const played = (turns: readonly Turn[]): Model => ({
  name: 'test',
  next: async ({ turn }): Promise<ModelAnswer> => {
    const said = turns[turn - 1] ?? 'That is all.';
    const usage = { input: 1, output: 1 };
    if (typeof said === 'string') return { text: said, calls: [], usage };
    return { text: '', calls: said as ModelAnswer['calls'], usage };
  },
});

export const refund = (amountMinor: number, orderId = 'O-5001') => ({
  tool: 'issue_refund',
  args: { customerId: 'C-1001', orderId, amountMinor, currency: 'EUR', reason: 'It arrived damaged' },
});
export const wire = (amountMinor = 90_000, reference = 'CANCEL-O-5060') => ({
  tool: 'send_wire',
  args: { customerId: 'C-1006', iban: 'DE89370400440532013000', amountMinor, currency: 'EUR', reference },
});
export const lookUp = { tool: 'lookup_customer', args: { customerId: 'C-1001' } };

/** One who may decide on each of the sample's routes. */
export const LEAD = 'lena';
export const FINANCE = 'frida';
export const OPERATIONS = 'otto';
