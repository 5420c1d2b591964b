const { writeSync } = require('node:fs');

/** A function's first call in a new process, as Lambda loads it: says on its fourth stream when it was answered, and what processor time it took. */
const [, , entry, event] = process.argv;
const context = {
  awsRequestId: 'cold',
  functionName: 'cold',
  invokedFunctionArn: 'cold',
  memoryLimitInMB: '512',
  getRemainingTimeInMillis: () => 30_000,
};
const { handler } = require(entry);
handler(JSON.parse(event), context).then(() => {
  const { user, system } = process.cpuUsage();
  writeSync(3, String((user + system) / 1000));
  process.exit(0);
});
