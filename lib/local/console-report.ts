import { EVENTS, inWords, type Report } from '../../lambdas/observe/report.ts';

/** Prints what did not go its usual way, each as a line: to whoever runs this on their own machine, so with its details. */
export const consoleReport =
  (print: (line: string) => void): Report =>
  (event, where = {}) => {
    const level = EVENTS[event];
    if (level === 'info') return;
    const { detail, error, ...fields } = where;
    const known = Object.entries(fields).filter(([, value]) => value !== undefined);
    const words = known.map(([name, value]) => `${name}=${value}`);
    const cause = detail === undefined && error !== undefined ? [String(error)] : [];
    const name = level === 'critical' ? 'ALARM' : level.toUpperCase();
    print([name, inWords(event, where), ...cause, ...words].join(' '));
  };
