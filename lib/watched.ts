import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { METRICS, NAMESPACE, type Metric as Name } from '../lambdas/observe/metrics.ts';

/** What alarms and the dashboard look at. */
export interface Watched {
  /** What the deployment is called in logs and metrics. */
  readonly service: string;
  readonly stateMachine: StateMachine;
  /** By what they are: `Plan`, `Perform send_email`, … */
  readonly functions: Readonly<Record<string, IFunction>>;
  /** Calls of the reconciler that were given up. */
  readonly deadLetters: IQueue;
}

/** A metric of ours, as the functions of one deployment write it. */
export const ours = (service: string, name: Name, options: MetricOptions): Metric =>
  new Metric({
    namespace: NAMESPACE,
    metricName: name,
    dimensionsMap: { service },
    unit: METRICS[name].unit as never,
    ...options,
  });
