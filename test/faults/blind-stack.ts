import { silent } from '../../lambdas/notify/notify.ts';
import { startStack } from '../../lib/local/stack.ts';
import { blind } from './scenario.ts';

/** The local stack as `npm start` has it, with wires that nobody can look up. */
const { env } = process;
await startStack({
  data: env.HOLDPOINT_DATA ?? '',
  port: Number(env.PORT),
  sandboxPort: Number(env.SANDBOX_PORT),
  sandboxDelayMs: Number(env.SANDBOX_DELAY_MS),
  notifier: silent,
  report: () => {},
  agents: [blind],
  env,
});
