/**
 * Seconds. A function must be dead before its state's limit, or a retry would run beside the attempt that was given up.
 * Hold's state waits for a person, for as long as its step says.
 */
export const TIME_LIMITS = {
  plan: { function: 300, state: 330 },
  hold: { function: 30 },
  expire: { function: 30, state: 45 },
  perform: { function: 120, state: 150 },
} as const;
