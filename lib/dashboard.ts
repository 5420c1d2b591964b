import { GraphWidget, type IMetric, Dashboard as Page } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Metric as Name } from '../lambdas/observe/metrics.ts';
import { ours, type Watched } from './watched.ts';

const PERIOD = Duration.minutes(5);
const WIDTH = 8;

/** By rows, from what people wait for down to what may be broken: a title and what is drawn, in which statistic. */
const GRAPHS: readonly (readonly (readonly [title: string, statistic: string, names: readonly Name[]])[])[] =
  [
    [
      ['Open holds', 'Maximum', ['OpenHolds', 'OpenDoubts']],
      ['Oldest hold (s)', 'Maximum', ['OldestHold']],
      ['Decision latency, median (s)', 'p50', ['DecisionLatency']],
    ],
    [
      ['Rulings', 'Sum', ['ActionsAllowed', 'ActionsHeld', 'ActionsDenied']],
      ['Holds', 'Sum', ['HoldsOpened', 'HoldsExpired']],
      ['Decision latency, p95 (s)', 'p95', ['DecisionLatency']],
    ],
    [
      ['Actions', 'Sum', ['ActionsSucceeded', 'ActionsFailed', 'ActionsNotPerformed', 'ActionsLeftInDoubt']],
      ['Came into doubt', 'Sum', ['InDoubt']],
      ['Duplicates suppressed', 'Sum', ['DuplicatesSuppressed']],
    ],
    [
      ['Runs', 'Sum', ['RunsStarted', 'RunsFinished', 'RunsFailed', 'RunsCancelled']],
      ['Executions that died', 'Sum', ['RunsRestarted', 'RunsGivenUp']],
      ['What should not be', 'Sum', ['PolicyErrors', 'Suspicious', 'Errors']],
    ],
    [
      ['Reconciler: lag (s)', 'Maximum', ['ReconcilerLag']],
      ['Reconciler: rounds, and what was due', 'Sum', ['ReconcilerRuns', 'ReconcilerDue']],
    ],
  ];

/** One page that says how the people, the policy, the effects and the machinery are doing. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { service, stateMachine, functions, deadLetters }: Watched) {
    super(scope, id);
    const graph = (title: string, left: readonly IMetric[]) =>
      new GraphWidget({ title, left: [...left], width: WIDTH, period: PERIOD });
    const rows = GRAPHS.map((row) =>
      row.map(([title, statistic, names]) =>
        graph(
          title,
          names.map((name) => ours(service, name, { statistic, period: PERIOD })),
        ),
      ),
    );
    const sum = { statistic: 'Sum', period: PERIOD };
    const named = Object.entries(functions);
    rows
      .at(-1)
      ?.push(
        graph('Executions failed, dead letters', [
          stateMachine.metricFailed(sum),
          deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: PERIOD }),
        ]),
      );
    rows.push([
      graph(
        'Errors of functions',
        named.map(([label, of]) => of.metricErrors({ ...sum, label })),
      ),
      graph(
        'Throttles of functions',
        named.map(([label, of]) => of.metricThrottles({ ...sum, label })),
      ),
      graph(
        'Duration of functions, p95 (ms)',
        named.map(([label, of]) => of.metricDuration({ statistic: 'p95', period: PERIOD, label })),
      ),
    ]);
    new Page(this, 'Page', { widgets: rows });
  }
}
