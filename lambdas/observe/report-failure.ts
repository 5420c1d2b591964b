import { Retryable } from '../errors.ts';
import type { Report } from './report.ts';

/** Tells of a step that threw. Its event says where its run stands. */
export function reportFailure(report: Report, event: unknown, error: unknown): void {
  const { runId, step } = (event ?? {}) as { runId?: unknown; step?: { actionId?: unknown } };
  const where = { runId, actionId: step?.actionId, error };
  if (error instanceof Retryable) report('a step is to be tried again', where);
  else report('a step failed', where, { Errors: 1 });
}
