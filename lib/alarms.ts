import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  type MetricOptions,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Metric as Name } from '../lambdas/observe/metrics.ts';
import { ours, type Watched } from './watched.ts';

interface Threshold {
  readonly atLeast: number;
  readonly minutes: number;
  /** For so many times those minutes. @default 1 */
  readonly times?: number;
  readonly statistic: 'Sum' | 'Maximum';
  /** What it means, for whoever is woken by it. */
  readonly says: string;
}

/** Of our own metrics, with what each threshold means; nothing that is missing is an alarm. */
export const THRESHOLDS: { readonly [M in Name]?: Threshold } = {
  OldestHold: {
    atLeast: 24 * 3600,
    minutes: 15,
    statistic: 'Maximum',
    says: 'A hold has been open for a day: whoever should decide does not know of it, or is not there',
  },
  OpenDoubts: {
    atLeast: 1,
    minutes: 5,
    statistic: 'Maximum',
    says: 'Nobody knows whether an effect has happened: a person looks it up and says so',
  },
  PolicyErrors: {
    atLeast: 1,
    minutes: 5,
    statistic: 'Sum',
    says: 'A ruling failed, so the action was denied: no error of a policy is usual',
  },
  Suspicious: {
    atLeast: 1,
    minutes: 5,
    statistic: 'Sum',
    says: 'Arguments that nobody approved came up to an effect, or somebody approves without looking',
  },
  RunsGivenUp: {
    atLeast: 1,
    minutes: 5,
    statistic: 'Sum',
    says: 'Three executions of a run died in a row: it does not go on by itself',
  },
  Errors: {
    atLeast: 3,
    minutes: 5,
    statistic: 'Sum',
    says: 'Steps or requests fail, and not for now only: one may be chance, and the steps are tried again',
  },
  ReconcilerLag: {
    atLeast: 300,
    minutes: 5,
    times: 2,
    statistic: 'Maximum',
    says: 'What is due has waited for five minutes: holds expire late, lost deliveries are not made up for',
  },
};

/** Of the services' metrics. */
const SERVICES = {
  notRunning: 'The reconciler has ended no round for ten minutes: nothing expires and nothing is repaired',
  deadLetters: 'A call of the reconciler was given up: the queue says why',
  executions: 'An execution failed: the reconciler starts it anew, and here is what to look at',
  errors:
    'A function throws, is cut off or runs out of memory; a step that is tried again throws too, hence ten',
  throttles: 'Calls of a function are refused: the account has reached its concurrency',
};

export interface AlarmsProps extends Watched {
  /** Where they are sent. @default nowhere: they are seen in CloudWatch */
  readonly topicArn?: string | undefined;
}

export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { service, stateMachine, deadLetters, functions, topicArn } = props;
    const topic = topicArn === undefined ? undefined : Topic.fromTopicArn(this, 'Topic', topicArn);
    const alarm = (
      name: string,
      metric: IMetric,
      of: Omit<Threshold, 'minutes' | 'statistic'>,
      less = false,
    ) => {
      const made = new Alarm(this, name, {
        metric,
        alarmDescription: of.says,
        threshold: of.atLeast,
        evaluationPeriods: of.times ?? 1,
        comparisonOperator: less
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: less ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      });
      if (!topic) return;
      made.addAlarmAction(new SnsAction(topic));
      made.addOkAction(new SnsAction(topic));
    };
    const over = (minutes: number, statistic: Threshold['statistic']): MetricOptions => ({
      period: Duration.minutes(minutes),
      statistic,
    });

    for (const [name, threshold] of Object.entries(THRESHOLDS)) {
      const { minutes, statistic } = threshold;
      alarm(name, ours(service, name as Name, over(minutes, statistic)), threshold);
    }
    const rounds = ours(service, 'ReconcilerRuns', over(5, 'Sum'));
    alarm('Reconciler stands still', rounds, { atLeast: 1, times: 2, says: SERVICES.notRunning }, true);
    const dead = deadLetters.metricApproximateNumberOfMessagesVisible(over(5, 'Maximum'));
    alarm('Dead letters', dead, { atLeast: 1, says: SERVICES.deadLetters });
    const failed = stateMachine.metricFailed(over(5, 'Sum'));
    alarm('Executions failed', failed, { atLeast: 1, says: SERVICES.executions });
    for (const [name, of] of Object.entries(functions)) {
      alarm(`${name} fails`, of.metricErrors(over(15, 'Sum')), { atLeast: 10, says: SERVICES.errors });
      alarm(`${name} throttled`, of.metricThrottles(over(5, 'Sum')), {
        atLeast: 5,
        says: SERVICES.throttles,
      });
    }
  }
}
