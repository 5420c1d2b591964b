import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { type IGrantable, type IPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  type Architecture,
  type IFunction,
  type IVersion,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Duration, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Application } from '../lambdas/application.ts';
import { bundleOf, HANDLER } from './bundling.ts';
import { grantStore } from './grants.ts';
import { type Lifetime, logProps } from './lifetime.ts';
import { POWERS, type Powers } from './powers.ts';
import type { Store } from './tables.ts';

/** What all functions have in common; each gets of it what its powers say. */
export interface Shared extends Lifetime {
  readonly application: Application;
  readonly store: Store;
  readonly linkKeys: Secret;
  readonly publicUrl: string;
  /** The directory: a list, or the groups of a user pool. */
  readonly approvers: readonly object[] | UserPool;
  readonly routeLimits: Readonly<Record<string, number>>;
  readonly architecture: Architecture;
  /** What the deployment is called in logs and metrics. */
  readonly service: string;
  readonly tracing: boolean;
  /** Whether functions are called by an alias. */
  readonly aliases: boolean;
}

export interface PowerFunctionProps {
  /** The folder of its handler, and its powers. */
  readonly handler: keyof typeof POWERS;
  readonly shared: Shared;
  readonly timeoutSeconds: number;
  readonly description: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** One function with a role and a log of its own. The role may do what its powers say, and what it is granted beyond. */
export class PowerFunction extends Construct implements IGrantable {
  readonly handler: keyof typeof POWERS;
  /** Its newest code. */
  readonly function: LambdaFunction;
  /**
   * What is called: the alias of the newest version, which takes over code and environment in one step. The function
   * itself has for a moment the new code with the old environment.
   */
  readonly live: IFunction;
  readonly role: Role;
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, props: PowerFunctionProps) {
    super(scope, id);
    const { handler, shared } = props;
    this.handler = handler;
    const powers: Powers = POWERS[handler];
    const { store, linkKeys } = shared;
    const logGroup = new LogGroup(this, 'Log', logProps(shared));
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.grantPrincipal = this.role;
    logGroup.grantWrite(this.role);
    grantStore(store, this, powers);
    if (powers.links) linkKeys.grantRead(this);
    if (powers.people && shared.approvers instanceof UserPool)
      shared.approvers.grant(this, 'cognito-idp:ListUsersInGroup');

    this.function = new LambdaFunction(this, 'Function', {
      code: bundleOf(handler, { application: shared.application, rules: powers.rules ?? false }),
      handler: HANDLER,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: shared.architecture,
      // A share of a processor comes with memory, and Cedar takes most of a start.
      memorySize: powers.rules ? 1024 : 512,
      timeout: Duration.seconds(props.timeoutSeconds),
      role: this.role,
      logGroup,
      tracing: shared.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: {
        POWERTOOLS_SERVICE_NAME: shared.service,
        JOURNAL_TABLE: store.journal.tableName,
        ROWS_TABLE: store.rows.tableName,
        ...(powers.links && { LINK_KEYS_SECRET: linkKeys.secretArn, PUBLIC_URL: shared.publicUrl }),
        ...(powers.people && peopleOf(shared)),
        ...(Object.keys(shared.routeLimits).length > 0 && {
          HOLDPOINT_ROUTE_LIMITS: JSON.stringify(shared.routeLimits),
        }),
        ...props.environment,
      },
    });
    if (shared.tracing)
      Validations.of(this.role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'Traces have no ARN that a role could name; it may send them, and read none.',
      });
    // The CDK's own classes do not fit its interfaces under exactOptionalPropertyTypes.
    this.live = shared.aliases
      ? (new Alias(this, 'Live', {
          aliasName: 'live',
          version: this.function.currentVersion as IVersion,
        }) as IFunction)
      : this.function;
  }
}

const peopleOf = ({ approvers }: Shared) =>
  approvers instanceof UserPool
    ? { HOLDPOINT_USER_POOL: approvers.userPoolId }
    : { HOLDPOINT_APPROVERS: JSON.stringify(approvers) };
