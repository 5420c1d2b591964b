import { writeSync } from 'node:fs';

/** A function's first call in a new process: says on its fourth stream when it was answered, and what. */
const [, , entry, event] = process.argv;
const { handler } = await import(entry);
const context = {
  awsRequestId: 'cold',
  functionName: 'cold',
  invokedFunctionArn: 'cold',
  memoryLimitInMB: '512',
};
const answer = await handler(JSON.parse(event), context);
writeSync(3, JSON.stringify(answer ?? null));
process.exit(0);
