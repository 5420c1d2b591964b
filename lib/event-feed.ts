import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  type Architecture,
  EventSourceMapping,
  Function as LambdaFunction,
  Runtime,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Duration, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { bundleOf, HANDLER } from './bundling.ts';
import { type Lifetime, logProps } from './lifetime.ts';
import { grantEvents } from './notifications.ts';

export interface EventFeedProps extends Lifetime {
  /** With a stream. */
  readonly journal: Table;
  readonly bus: string;
  readonly architecture: Architecture;
}

/**
 * Puts what is written to the journal on a bus. The journal is its own outbox: what is recorded is told at least once,
 * whoever recorded it and whatever became of them, and no function that decides or performs has to tell it.
 */
export class EventFeed extends Construct {
  constructor(scope: Construct, id: string, props: EventFeedProps) {
    super(scope, id);
    const { journal, bus, architecture } = props;
    const logGroup = new LogGroup(this, 'Log', logProps(props));
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    journal.grantStreamRead(role);
    grantEvents(role, bus);
    const target = new LambdaFunction(this, 'Function', {
      code: bundleOf('events'),
      handler: HANDLER,
      description: 'Puts what is recorded on the event bus',
      runtime: Runtime.NODEJS_24_X,
      architecture,
      memorySize: 512,
      timeout: Duration.seconds(30),
      role,
      logGroup,
      environment: { HOLDPOINT_EVENT_BUS: bus },
    });
    // What fails is tried again for as long as the stream has it, which is 24 hours.
    const mapping = new EventSourceMapping(this, 'Stream', {
      target,
      eventSourceArn: journal.tableStreamArn as string,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      bisectBatchOnError: true,
    });
    mapping.node.addDependency(role);
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'Names of streams can be listed of all tables only; what is in them is read from the journal’s alone.',
    });
  }
}
