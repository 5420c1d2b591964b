import type { Place } from './cell.ts';
import { type Crash, stopAt, trace } from './crash.ts';
import { drain } from './drain.ts';

export type Order =
  | { readonly do: 'trace' | 'drain'; readonly id: number; readonly place: Place }
  | { readonly do: 'crash'; readonly id: number; readonly crashes: readonly Crash[] };

process.on('message', async (order: Order) => {
  const tell = (answer: object) =>
    new Promise<void>((resolve) =>
      process.send?.({ id: order.id, ...answer }, undefined, undefined, () => resolve()),
    );
  try {
    if (order.do === 'crash') {
      // Each stands still at its own point; then they all die of one kill.
      const reached = await Promise.all(order.crashes.map(stopAt));
      await tell({ answer: reached });
      process.kill(process.pid, 'SIGKILL');
    } else {
      await tell({ answer: await (order.do === 'trace' ? trace : drain)(order.place) });
    }
  } catch (error) {
    await tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
process.on('disconnect', () => process.exit(0));
