import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { errorOf, loggable } from './loggable.ts';
import { METRICS, type Metric, NAMESPACE } from './metrics.ts';
import { EVENTS, type Report } from './report.ts';
import { reportFailure } from './report-failure.ts';

/** Of the deployment: POWERTOOLS_SERVICE_NAME is the metrics' one dimension, and in every line. */
const logger = new Logger();
const metrics = new Metrics({ namespace: NAMESPACE });

/**
 * Reports as a deployment does: a line of JSON in the function's log, and its metrics in the same log as EMF. Written at
 * once, so that a function which is cut off has told of all that it did.
 */
export const report: Report = (event, where = {}, counts = {}) => {
  try {
    logger[EVENTS[event]](event, loggable(where));
    const counted = Object.entries(counts).filter(([name]) => Object.hasOwn(METRICS, name));
    for (const [name, value] of counted) metrics.addMetric(name, METRICS[name as Metric].unit, value);
    if (counted.length > 0) metrics.publishStoredMetrics();
  } catch {
    // What has been done stands, whether or not it could be told of.
  }
};

/**
 * A handler whose errors are told of, and passed on by their names alone: Lambda logs what a function throws, and Step
 * Functions shows it, and others put into messages what they were sent (T23).
 */
export const observed =
  <E, R>(call: (event: E, context: Context) => Promise<R> | R) =>
  async (event: E, context: Context): Promise<R> => {
    logger.addContext(context);
    try {
      return await call(event, context);
    } catch (error) {
      reportFailure(report, event, error);
      throw withoutWords(error, context.awsRequestId);
    }
  };

function withoutWords(error: unknown, requestId: string): Error {
  const bare = new Error(`see the function's log, request ${requestId}`);
  bare.name = errorOf(error).error;
  bare.stack = `${bare.name}: ${bare.message}`;
  return bare;
}
