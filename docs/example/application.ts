import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { defineApplication } from '../../lambdas/application.ts';
import { defineTool } from '../../lambdas/tools/tool.ts';

const openDoor = defineTool({
  name: 'open_door',
  version: 1,
  description: 'Opens a door of the building.',
  args: z.strictObject({ door: z.enum(['front', 'vault']) }),
  replay: 'keyed',
  tier: 'medium',
  title: ({ door }) => `Open the ${door} door`,
  perform: async ({ door }, { key, env, dynamodb }) => {
    await dynamodb.send(new PutCommand({ TableName: env.DOORS, Item: { door, openedBy: key } }));
    return { opened: door };
  },
});
const limits = { turns: 10, tokens: 50_000, wallSeconds: 86_400 };
const guards = { groups: ['guards'], quorum: 1, fourEyes: true, limitSeconds: 3_600, strictness: 50 };

export const application = defineApplication({
  module: import.meta.filename,
  agents: [{ name: 'porter', owner: 'olga', instructions: 'You open doors.', tools: [openDoor], limits }],
  routes: { guards, 'in-doubt': guards },
  suspiciousRoute: 'guards',
});
