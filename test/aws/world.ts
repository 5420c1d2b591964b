import assert from 'node:assert/strict';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import { support } from '../../lambdas/agents/support.ts';
import { awsEnvironment } from '../../lambdas/aws-environment.ts';
import type { Environment } from '../../lambdas/environment.ts';
import type { HoldRow } from '../../lambdas/journal/row-kinds.ts';
import { verify } from '../../lambdas/journal/verify.ts';
import { readPrices } from '../../lambdas/model/prices.ts';
import { loadScenario } from '../../lambdas/model/scenario-files.ts';
import { startRun } from '../../lambdas/runs/start-run.ts';
import type { Attempt, Effect } from '../../lambdas/sandbox/ledger.ts';
import { executionName } from '../../lambdas/workflow-client.ts';
import { until } from '../support/listed-tests.ts';
import { type Deployed, deployment, STACK } from './deployment.ts';
import { SENDER } from './mailbox.ts';
import { endOf, heldOf, linkOf, pageOf, runOf, type Seen } from './runs.ts';
import { deleteBucketPolicy, putRolePolicy, type Resource, stackResources } from './signed-call.ts';
import { servedAt, type Target } from './target.ts';
import { type SignedIn, signUp } from './users.ts';

/** Who may decide from the first deployment on, by their links; those who sign in come with the second. */
const APPROVERS = [
  { id: 'sam', name: 'Sam (support)', groups: ['support'] },
  { id: 'lena', name: 'Lena (support lead)', groups: ['support-leads'], email: 'lena@example.com' },
  { id: 'leo', name: 'Leo (support lead)', groups: ['support-leads'], email: 'leo@example.com' },
  { id: 'frida', name: 'Frida (finance)', groups: ['finance'], email: 'frida@example.com' },
];
/** Elsewhere mail needs an identity that somebody has verified, or there is no SES v2. */
const CHANNELS = { mailFrom: SENDER, noticeTopic: 'true', eventBus: 'default' };
const UNCONDITIONAL = ['ses:SendEmail', 'events:PutEvents'];
const NOT_FOUND = ['secretsmanager:GetSecretValue', 'states:SendTaskSuccess', ...UNCONDITIONAL];
export const QUESTION_SECONDS = 15;

const contextFor = (target: Target, approvers: readonly object[]) => ({
  models: 'scripted:refund,scripted:w,scripted:mixed,scripted:question',
  removalPolicy: 'destroy',
  approvers: JSON.stringify(approvers),
  routeLimits: JSON.stringify({ question: QUESTION_SECONDS }),
  signIn: target.hasUsers ? 'cognito' : 'links',
  ...(target.kind === 'AWS' ? {} : { emulator: 'true' }),
  // It has what the switch for emulators leaves out for the sake of LocalStack.
  ...(target.kind === 'MiniStack' ? { ...CHANNELS, aliases: 'true', encryption: 'account' } : {}),
});

/** Refunds add up: after enough of them in a day the policy asks finance. */
export const approverOf = (hold: HoldRow): string => (hold.groups.includes('finance') ? 'frida' : 'lena');

/** The deployed stack, what can be asked of it over HTTP, and what a person with the account's keys can look up. */
export class World implements Seen {
  readonly target: Target;
  readonly deployment = deployment();
  #deployed: Deployed | undefined;
  #environment: Environment | undefined;
  #context: Readonly<Record<string, string>> = {};
  #users: readonly SignedIn[] = [];
  /** A run whose question nobody will answer. */
  unanswered = '';
  /** A run that was held before the second deployment. */
  heldBefore = '';

  constructor(target: Target) {
    this.target = target;
  }

  /** The first time without those who sign in: who they are is known when there is a user pool. */
  async deploy(): Promise<Deployed> {
    const approvers = [...APPROVERS, ...this.#users.map(({ member }) => member)];
    this.#context = contextFor(this.target, approvers);
    const seconds = await this.deployment.deploy(this.#context);
    const outputs = this.deployment.outputs();
    const resources = await stackResources(STACK);
    this.#deployed = { outputs, resources, seconds };
    await this.allowReading(resources);
    this.#environment = awsEnvironment({
      JOURNAL_TABLE: outputs.JournalTable,
      ROWS_TABLE: outputs.RowsTable,
      STATE_MACHINE_ARN: outputs.StateMachineArn,
      LINK_KEYS_SECRET: outputs.LinkKeysSecret,
      PUBLIC_URL: outputs.ApiUrl,
      HOLDPOINT_APPROVERS: JSON.stringify(approvers),
    });
    return this.#deployed;
  }

  /**
   * MiniStack refers to a secret by its name where AWS does by its ARN, and asks of a task's token no state machine: what
   * a stack's policies name, it does not find. It knows no sender's address and no event's source either, on which they
   * make conditions.
   */
  async allowReading(resources: readonly Resource[]): Promise<void> {
    if (this.target.kind !== 'MiniStack') return;
    const missing = [
      { role: /^Holdpoint(StepsHold|Apifunction|Reconcile)Role[^D]/, actions: NOT_FOUND },
      { role: /^HoldpointEventsRole[^D]/, actions: UNCONDITIONAL },
    ];
    for (const { type, logicalId, physicalId } of resources) {
      const found = missing.find(({ role }) => type === 'AWS::IAM::Role' && role.test(logicalId));
      const statement = { Effect: 'Allow', Action: found?.actions, Resource: '*' };
      if (found) await putRolePolicy(physicalId, 'NotFound', statement);
    }
  }

  /**
   * What bootstrapping makes asks for TLS, and its roles have conditions that MiniStack does not get through: opened here
   * for an app that deploys by them.
   */
  async openBootstrap(): Promise<void> {
    for (const { type, physicalId } of await stackResources('CDKToolkit')) {
      if (type === 'AWS::S3::Bucket') await deleteBucketPolicy(physicalId);
      if (type === 'AWS::IAM::Role')
        await putRolePolicy(physicalId, 'Open', { Effect: 'Allow', Action: '*', Resource: '*' });
    }
  }

  destroy = () => this.deployment.destroy(this.#context);

  get deployed(): Deployed {
    assert.ok(this.#deployed, 'nothing is deployed');
    return this.#deployed;
  }

  /** The functions' own code over the deployed tables, with the rights of whoever runs the tests. */
  get environment(): Environment {
    assert.ok(this.#environment, 'nothing is deployed');
    return this.#environment;
  }

  async addCustomers(): Promise<void> {
    for (const Item of SAMPLE_CUSTOMERS)
      await this.environment.dynamodb.send(
        new PutCommand({ TableName: this.deployed.outputs.CustomersTable, Item }),
      );
  }

  reach = (url: string) => servedAt(this.target, url);

  get api(): string {
    return this.reach(this.deployed.outputs.ApiUrl);
  }

  /** As a browser names where a page of ours came from. */
  get origin(): string {
    return new URL(this.deployed.outputs.ApiUrl).origin;
  }

  /** The name of a function, by how its logical id begins. */
  functionName(prefix: string): string {
    const found = this.functions().find(({ logicalId }) => logicalId.startsWith(prefix));
    assert.ok(found, `there is no function ${prefix}`);
    return found.physicalId;
  }

  functions() {
    return this.deployed.resources.filter(({ type }) => type === 'AWS::Lambda::Function');
  }

  async addUsers(): Promise<void> {
    const { UserPoolId: pool = '', UserPoolClientId: client = '' } = this.deployed.outputs;
    this.#users = [
      await signUp({ pool, client, name: 'ada', groups: ['support', 'support-leads'] }),
      await signUp({ pool, client, name: 'lars', groups: ['support-leads'] }),
    ];
  }

  user(name: string): SignedIn {
    const found = this.#users.find(({ member }) => member.name === name);
    assert.ok(found, `${name} has not signed up`);
    return found;
  }

  as(name: string): Record<string, string> {
    return { authorization: `Bearer ${this.user(name).token}`, 'content-type': 'application/json' };
  }

  /** Asks for a run of a scenario: over HTTP by somebody who signed in, where anybody can. */
  async start(scenario: string): Promise<string> {
    const { agent, input } = loadScenario(scenario);
    const model = `scripted:${scenario}`;
    if (this.#users.length > 0) {
      const answer = await fetch(`${this.api}/runs`, {
        method: 'POST',
        headers: this.as('ada'),
        body: JSON.stringify({ agent, input, model }),
      });
      const text = await answer.text();
      assert.equal(answer.status, 201, text);
      return (JSON.parse(text) as { runId: string }).runId;
    }
    return this.startWith(scenario, {});
  }

  /** What the API does when it is asked for a run, over the deployed tables; some of it in another way. */
  async startWith(scenario: string, other: Partial<Parameters<typeof startRun>[0]>): Promise<string> {
    const { environment } = this;
    const { input } = loadScenario(scenario);
    const started = await startRun(
      {
        ...environment,
        workflow: environment.workflow(),
        priceOf: readPrices(),
        policyVersion: environment.gate().policyVersion,
        ...other,
      },
      { agent: support, input, model: `scripted:${scenario}`, requester: 'sam' },
    );
    assert.ok(started.as === 'started');
    return started.runId;
  }

  get patienceMs(): number {
    return this.target.patienceMs;
  }

  run = (runId: string) => runOf(this, runId);

  held = (runId: string, count = 1) => heldOf(this, runId, count);

  /** The hold of one action, once it is open. */
  async heldAt(runId: string, actionId: string): Promise<HoldRow> {
    const look = async () => (await this.held(runId)).find((hold) => hold.actionId === actionId);
    return until(`${actionId} of ${runId} is held`, look, { withinMs: this.patienceMs });
  }

  ended = (runId: string, withinMs?: number) => endOf(this, runId, withinMs);

  link = (hold: Pick<HoldRow, 'id' | 'expiresAt'>, who: string) => linkOf(this, hold, who);

  page = (hold: HoldRow, who = approverOf(hold)) => pageOf(this, hold, who);

  /** What the downstream was asked for a run, and what it did. */
  async ledger(runId: string): Promise<{ effects: readonly Effect[]; attempts: readonly Attempt[] }> {
    const answer = await fetch(`${this.reach(this.deployed.outputs.SandboxUrl)}/ledger`);
    assert.equal(answer.status, 200);
    const { effects, attempts } = (await answer.json()) as { effects: Effect[]; attempts: Attempt[] };
    const own = ({ key }: Attempt) => key?.startsWith(runId) ?? false;
    return { effects: effects.filter(own), attempts: attempts.filter(own) };
  }

  async items(runId: string) {
    const { journal } = this.environment;
    const powers = ['proposals', 'oversight', 'effects'] as const;
    return (await Promise.all(powers.map((power) => journal.items(runId, power)))).flat();
  }

  /** The record of a run that has ended proves itself, and nothing of it is left to do. */
  async settledFor(runId: string): Promise<void> {
    const { status } = await this.run(runId);
    const ends = { finished: 'finished', failed: 'failed', cancelled: 'cancelled' } as const;
    assert.ok(status in ends, status);
    const verified = verify(await this.items(runId), { runId, endedAs: status as keyof typeof ends });
    assert.deepEqual(verified.finding, undefined);
    const gone = async () => (await this.environment.rows.list('hold', `${runId}.`)).length === 0;
    await until('its holds have left the inbox', gone, { withinMs: this.patienceMs });
    assert.equal((await this.environment.rows.get('run', runId))?.due, undefined);
  }

  /** Of a run's first execution. */
  executionArn(runId: string): string {
    const { StateMachineArn } = this.deployed.outputs;
    return `${StateMachineArn.replace(':stateMachine:', ':execution:')}:${executionName(runId, 1)}`;
  }

  /** The states that a run's first execution has entered. */
  async entered(runId: string): Promise<string[]> {
    const { events = [] } = await this.environment.sfn.send(
      new GetExecutionHistoryCommand({ executionArn: this.executionArn(runId), maxResults: 1000 }),
    );
    return events.flatMap(({ stateEnteredEventDetails: of }) => of?.name ?? []);
  }

  async end(): Promise<void> {
    this.deployment.end();
    await this.target.end();
  }
}
