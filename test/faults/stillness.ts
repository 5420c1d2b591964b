/**
 * Tells when nothing moves any more. Counted in turns of a timer and not in milliseconds: on a busy machine everything
 * is late, the timer too.
 */
export function createStillness(tickMs = 10) {
  let underWay = 0;
  let stillFor = 0;
  return {
    /** Something that moves for as long as it takes. */
    async during<T>(call: () => Promise<T>): Promise<T> {
      underWay += 1;
      stillFor = 0;
      try {
        return await call();
      } finally {
        underWay -= 1;
        stillFor = 0;
      }
    },
    /** Waits for a turn. @returns for how many turns nothing has moved */
    async tick(): Promise<number> {
      await new Promise((resolve) => setTimeout(resolve, tickMs));
      stillFor = underWay > 0 ? 0 : stillFor + 1;
      return stillFor;
    },
  };
}
