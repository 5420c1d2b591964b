import type { Notice, Notifier } from './notify.ts';
import { Untold } from './untold.ts';

/** One way to reach people. */
export interface Channel {
  readonly name: 'mail' | 'topic' | 'slack' | 'events';
  /** @throws whatever keeps it from telling everyone whom it should tell */
  send(notices: readonly Notice[], signal: AbortSignal): Promise<void>;
}

/** Well within the time of every function that notifies: what failed is noted before the function is ended. */
const LIMIT_MS = 10_000;

/** Tells people through every channel; one that fails or takes too long stops no other. */
export const throughAll = (channels: readonly Channel[], limitMs = LIMIT_MS): Notifier => ({
  send: async (notices) => {
    const signal = AbortSignal.timeout(limitMs);
    const tell = async ({ name, send }: Channel) => {
      const own = notices.filter(({ through = 'all' }) => through === 'all' || through.includes(name));
      if (own.length > 0) await send(own, signal);
    };
    const tried = await Promise.allSettled(channels.map(tell));
    const failures = channels.flatMap(({ name }, index) => {
      const { status, reason: error } = tried[index] as PromiseRejectedResult;
      return status === 'rejected' ? [{ channel: name, error }] : [];
    });
    if (failures.length > 0) throw new Untold(failures);
  },
});
