import type { Counts } from './metrics.ts';

/**
 * Everything that is told of, and how much it matters: `critical` is for a person to look at, `error` has failed, `warn`
 * is tried again or was refused.
 */
export const EVENTS = {
  'run started': 'info',
  'execution restarted': 'warn',
  'run ended': 'info',
  'run given up': 'critical',
  'turn planned': 'info',
  'hold opened': 'info',
  'vote cast': 'info',
  'hold settled': 'info',
  'effect tried': 'info',
  'try ended': 'info',
  'in doubt': 'critical',
  'asked again': 'info',
  'action ended': 'info',
  'duplicate suppressed': 'info',
  'policy failed': 'critical',
  'refused right before the effect': 'critical',
  'an approver seems not to look': 'critical',
  'a vote was refused': 'warn',
  'a vote was not counted': 'warn',
  'a link was refused': 'warn',
  'a delegate could not be told': 'warn',
  'people could not be told': 'critical',
  'a request could not be served yet': 'warn',
  'a request failed': 'error',
  'a step is to be tried again': 'warn',
  'a step failed': 'error',
  reconciled: 'info',
  'could not reconcile': 'critical',
  'the reconciler failed': 'critical',
} as const satisfies Record<string, 'info' | 'warn' | 'error' | 'critical'>;
export type Event = keyof typeof EVENTS;

/** Where it happened. `detail` is for whoever runs this on their own machine: no log of a deployment has it. */
export interface Where {
  readonly detail?: string;
  readonly error?: unknown;
  readonly [field: string]: unknown;
}

/**
 * Tells of something: the one port for logs, metrics and alarms. It never throws, and it may be given anything: what
 * is written down is up to whoever writes it, and a deployment writes what {@link loggable} lets through.
 */
export type Report = (event: Event, where?: Where, counts?: Counts) => void;

/** Passes on what a person is to look at, in words. */
export const onAlarm =
  (tell: (words: string) => void): Report =>
  (event, where) => {
    if (EVENTS[event] === 'critical') tell(inWords(event, where));
  };

export const inWords = (event: Event, { detail }: Where = {}): string =>
  detail === undefined ? event : `${event}: ${detail}`;
