import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Agent } from '../lambdas/agents/agent.ts';
import type { Routes } from '../lambdas/oversight/route.ts';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import { architectureOf } from './bundling.ts';
import type { Config } from './config.ts';
import { Dashboard } from './dashboard.ts';
import { DeadLetters } from './dead-letters.ts';
import { EventFeed } from './event-feed.ts';
import { PowerFunction, type Shared } from './function.ts';
import { grantWorkflow } from './grants.ts';
import { type Lifetime, lifetimeOf } from './lifetime.ts';
import { Notifications } from './notifications.ts';
import { POWERS } from './powers.ts';
import { HoldStateMachine } from './state-machine.ts';
import { Steps } from './steps.ts';
import { Store } from './tables.ts';
import type { AccessOf } from './tool-access.ts';
import { Users } from './users.ts';

/** API Gateway gives up after 29 seconds. */
const API_SECONDS = 28;
const RECONCILE_SECONDS = 55;

export interface HoldpointProps {
  /** Those that the functions' code knows; each of their tools gets a function of its own. */
  readonly agents: readonly Agent[];
  readonly routes: Routes;
  /** By name of a tool, what its code may reach. @default nothing */
  readonly access?: AccessOf;
  readonly config: Config;
}

/** Agents that may propose anything and do nothing on their own. */
export class Holdpoint extends Construct {
  readonly store: Store;
  readonly api: Api;
  /** Those who sign in; nobody where people decide by their links alone. */
  readonly users: Users | undefined;
  readonly stateMachine: StateMachine;
  /** Signs the links to holds. */
  readonly linkKeys: Secret;
  readonly notifications: Notifications;

  constructor(scope: Construct, id: string, props: HoldpointProps) {
    super(scope, id);
    const { agents, routes, access = {}, config } = props;
    const lifetime = lifetimeOf(config);
    this.store = new Store(this, 'Store', { ...lifetime, stream: config.eventBus !== undefined });
    this.notifications = new Notifications(this, 'Notifications', config);
    this.api = new Api(this, 'Api', {
      ...lifetime,
      ...config,
      ...lifetime,
      accountLogRole: !config.emulator,
    });
    if ((config.signIn ?? (config.emulator ? 'links' : 'cognito')) === 'cognito') {
      const groups = [...new Set(Object.values(routes).flatMap((route) => route.groups))];
      this.users = new Users(this, 'Users', { ...lifetime, mfa: config.mfa, groups });
    }
    this.linkKeys = this.#linkKeys(lifetime);
    const shared: Shared = {
      ...lifetime,
      store: this.store,
      linkKeys: this.linkKeys,
      publicUrl: config.publicUrl ?? this.api.url,
      approvers: config.approvers ?? this.users?.pool ?? [],
      routeLimits: knownLimits(config, routes),
      architecture: architectureOf(config),
      service: this.node.path,
      tracing: config.tracing ?? !config.emulator,
    };
    const steps = new Steps(this, 'Steps', { agents, access, config, shared });
    this.stateMachine = this.#machine(steps, shared);
    // Apart from its role, which the function waits for: the machine's definition names the function.
    new Policy(this, 'Hold may deliver', {
      roles: [steps.hold.role],
      statements: [
        new PolicyStatement({
          actions: POWERS.hold.workflow.map((action) => `states:${action}`),
          resources: [this.stateMachine.stateMachineArn],
        }),
      ],
    });
    const api = this.#serve(shared, config);
    const deadLetters = new DeadLetters(this, 'Dead letters');
    const reconcile = this.#reconcile(shared, deadLetters);
    for (const each of [steps.hold, api, reconcile]) this.notifications.connect(each);
    if (config.eventBus !== undefined) {
      const { journal } = this.store;
      new EventFeed(this, 'Events', { ...shared, journal, bus: config.eventBus });
    }
    const functions = { ...steps.functions, Api: api.function, Reconcile: reconcile.function };
    const watched = { service: shared.service, stateMachine: this.stateMachine, functions, deadLetters };
    new Alarms(this, 'Alarms', { ...watched, topicArn: config.alarmTopicArn });
    if (!config.emulator) new Dashboard(this, 'Dashboard', watched);
  }

  #linkKeys({ removalPolicy }: Lifetime): Secret {
    const keys = new Secret(this, 'Link keys', {
      description: 'Signs the links to holds: one key, or {"keys": [{id, secret}]} with the newest first',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy,
    });
    Validations.of(keys).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Links are out for as long as their holds: who rotates a key keeps the old one beside it until then.',
    });
    return keys;
  }

  #machine(
    { plan, hold, expire, performing }: Steps,
    { logRetention, removalPolicy, tracing }: Shared,
  ): StateMachine {
    const runs = new HoldStateMachine(this, 'Runs', {
      plan: plan.function,
      hold: hold.function,
      expire: expire.function,
      perform: performing.map((perform) => perform.function),
      logRetention,
      tracing,
    });
    for (const child of runs.node.findAll()) {
      if (child instanceof LogGroup) child.applyRemovalPolicy(removalPolicy);
    }
    Validations.of(runs).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Log deliveries and traces have no ARN that a role could name.',
    });
    if (!tracing)
      Validations.of(runs).acknowledge({
        id: 'AwsSolutions-SF2',
        reason:
          'Switched off by holdpoint:tracing, or an emulator without X-Ray; the journal tells of every step.',
      });
    return runs.stateMachine;
  }

  #serve(shared: Shared, config: Config): PowerFunction {
    const api = new PowerFunction(this, 'Api function', {
      shared,
      handler: 'api',
      timeoutSeconds: API_SECONDS,
      description: 'Runs, holds, votes, pages',
      environment: {
        STATE_MACHINE_ARN: this.stateMachine.stateMachineArn,
        HOLDPOINT_MODELS: config.models.join(','),
        HOLDPOINT_PRICES: JSON.stringify(config.modelPrices),
        HOLDPOINT_DWELL_SECONDS: String(config.dwellSeconds ?? (config.emulator ? 0 : 5)),
        ...(this.users && {
          COGNITO_ISSUER: this.users.issuer,
          COGNITO_CLIENT_ID: this.users.client.userPoolClientId,
        }),
      },
    });
    grantWorkflow(this.stateMachine, api, POWERS.api.workflow);
    this.api.serve(api.function);
    return api;
  }

  #reconcile(shared: Shared, deadLetters: DeadLetters): PowerFunction {
    const reconcile = new PowerFunction(this, 'Reconcile', {
      shared,
      handler: 'reconcile',
      timeoutSeconds: RECONCILE_SECONDS,
      description: 'Makes Step Functions agree with the journal',
      environment: { STATE_MACHINE_ARN: this.stateMachine.stateMachineArn },
    });
    grantWorkflow(this.stateMachine, reconcile, POWERS.reconcile.workflow);
    // A try that failed is not repeated: the next minute's does the same.
    const once = { retryAttempts: 0, maxEventAge: Duration.minutes(1), deadLetterQueue: deadLetters };
    new Rule(this, 'Every minute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(reconcile.function, once)],
    });
    deadLetters.takeFrom(reconcile.function);
    return reconcile;
  }
}

/** @throws Error for a route that is not in the table: nothing would wait for as long as it says. */
function knownLimits({ routeLimits }: Config, routes: Routes): Config['routeLimits'] {
  const unknown = Object.keys(routeLimits).filter((name) => !Object.hasOwn(routes, name));
  if (unknown.length > 0)
    throw new Error(
      `holdpoint:routeLimits: there is no route ${unknown.join(', ')}; known: ${Object.keys(routes).join(', ')}`,
    );
  return routeLimits;
}
