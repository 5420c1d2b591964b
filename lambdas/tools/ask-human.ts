import * as z from 'zod';
import { Terminal } from '../errors.ts';
import { defineTool } from './tool.ts';

/** A question to a person. It has no effect of its own: its hold is answered, and the answer is its result. */
export const askHuman = defineTool({
  name: 'ask_human',
  version: 1,
  description: 'Asks a person, and waits for the answer. Use it where the facts do not settle what to do.',
  args: z.strictObject({
    question: z.string().min(1).max(500).meta({ freeText: true }),
    choices: z
      .array(z.string().min(1).max(100).meta({ freeText: true }))
      .min(2)
      .max(6)
      .optional(),
  }),
  replay: 'safe',
  tier: 'low',
  title: ({ question }) => question,
  perform: async () => {
    throw new Terminal('A question is answered by a person, never performed');
  },
});
