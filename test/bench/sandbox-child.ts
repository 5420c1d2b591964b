import { startSandbox } from '../../lambdas/sandbox/start-sandbox.ts';

/** The sandbox downstream in a process of its own, as in reality: its cost is not Holdpoint's. */
const { url } = await startSandbox({ port: 0, file: process.argv[2] ?? '' });
process.send?.(url);
process.on('disconnect', () => process.exit());
