import * as z from 'zod';
import { call } from './downstream.ts';
import { defineTool } from './tool.ts';

export const deleteRecord = defineTool({
  name: 'delete_record',
  version: 1,
  description: 'Deletes a customer or an order for good.',
  args: z.strictObject({
    table: z.enum(['customers', 'orders']),
    id: z.string().regex(/^[CO]-\d{4,8}$/),
  }),
  replay: 'keyed',
  tier: 'critical',
  title: ({ table, id }) => `Delete ${id} from ${table}, for good`,
  perform: (args, context) => call(context, '/records/delete', args),
});
