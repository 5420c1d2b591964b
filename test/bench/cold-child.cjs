const { writeSync } = require('node:fs');

/** A function's first call in a new process, as Lambda loads it: says on its fourth stream when it was answered, and what. */
const [, , entry, event] = process.argv;
const context = {
  awsRequestId: 'cold',
  functionName: 'cold',
  invokedFunctionArn: 'cold',
  memoryLimitInMB: '512',
};
const { handler } = require(entry);
handler(JSON.parse(event), context).then((answer) => {
  writeSync(3, JSON.stringify(answer ?? null));
  process.exit(0);
});
