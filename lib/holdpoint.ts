import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Application } from '../lambdas/application.ts';
import type { Routes } from '../lambdas/oversight/route.ts';
import { sharedEngine } from '../lambdas/policy/engine.ts';
import { loadPolicies, readPolicies } from '../lambdas/policy/load.ts';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import { architectureOf } from './bundling.ts';
import { type Config, type ConfigInput, readConfig } from './config.ts';
import { Dashboard } from './dashboard.ts';
import { DeadLetters } from './dead-letters.ts';
import { DataKey } from './encryption.ts';
import { EventFeed } from './event-feed.ts';
import { PowerFunction, type Shared } from './function.ts';
import { grantWorkflow } from './grants.ts';
import { type Lifetime, lifetimeOf, logProps } from './lifetime.ts';
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
  /** The agents, their tools, who decides, and the policies. Each tool gets a function of its own. */
  readonly application: Application;
  /** By name of a tool, what its code may reach. @default nothing */
  readonly access?: AccessOf;
  /** Models, approvers, lifetimes and so on; what the CDK context says goes before. @default what the context says */
  readonly config?: ConfigInput;
}

/**
 * Agents that may propose anything and do nothing on their own.
 * @throws Problems what is wrong with policies, routes and tools; Error naming each key of the configuration that is wrong
 */
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
    const { application, access = {} } = props;
    const { agents, routes } = application;
    const config = readConfig(this.node, props.config);
    loadPolicies(readPolicies(application.policies), { agents, routes, engine: sharedEngine });
    const lifetime = this.#lifetime(config);
    this.store = new Store(this, 'Store', { ...lifetime, stream: config.eventBus !== undefined });
    this.notifications = new Notifications(this, 'Notifications', config);
    this.api = this.#api(config, lifetime);
    if ((config.signIn ?? (config.emulator ? 'links' : 'cognito')) === 'cognito') {
      const groups = [...new Set(Object.values(routes).flatMap((route) => route.groups))];
      this.users = new Users(this, 'Users', { ...lifetime, mfa: config.mfa, groups });
    }
    this.linkKeys = this.#linkKeys(lifetime);
    const shared: Shared = {
      ...lifetime,
      application,
      store: this.store,
      linkKeys: this.linkKeys,
      publicUrl: config.publicUrl ?? this.api.url,
      approvers: config.approvers ?? this.users?.pool ?? [],
      routeLimits: knownLimits(config, routes),
      architecture: architectureOf(config),
      service: this.node.path,
      tracing: config.tracing ?? !config.emulator,
      aliases: config.aliases ?? !config.emulator,
    };
    const steps = new Steps(this, 'Steps', { access, config, shared });
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

  #lifetime(config: Config): Lifetime {
    const lifetime = lifetimeOf(config);
    const own = (config.encryption ?? (config.emulator ? 'aws' : 'account')) === 'account';
    return own ? { ...lifetime, key: new DataKey(this, 'Key', lifetime) } : lifetime;
  }

  #api(config: Config, lifetime: Lifetime): Api {
    const { requestsPerSecond, burst, requestsPerAddress, domainName, certificateArn, hostedZoneId } = config;
    return new Api(this, 'Api', {
      ...lifetime,
      requestsPerSecond,
      burst,
      accountLogRole: !config.emulator,
      firewall: config.firewall ? { requestsPerAddress } : undefined,
      domain: domainName && certificateArn ? { domainName, certificateArn, hostedZoneId } : undefined,
    });
  }

  #linkKeys({ removalPolicy, key }: Lifetime): Secret {
    const keys = new Secret(this, 'Link keys', {
      description: 'Signs the links to holds: one key, or {"keys": [{id, secret}]} with the newest first',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy,
      ...(key && { encryptionKey: key }),
    });
    Validations.of(keys).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Links are out for as long as their holds: who rotates a key keeps the old one beside it until then.',
    });
    return keys;
  }

  #machine({ plan, hold, expire, performing }: Steps, shared: Shared): StateMachine {
    const { tracing } = shared;
    const runs = new HoldStateMachine(this, 'Runs', {
      plan: plan.live,
      hold: hold.live,
      expire: expire.live,
      perform: performing.map((perform) => perform.live),
      log: new LogGroup(this, 'Runs log', logProps(shared)),
      tracing,
    });
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
    this.api.serve(api.live);
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
      targets: [new LambdaFunction(reconcile.live, once)],
    });
    deadLetters.takeFrom(reconcile.live);
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
