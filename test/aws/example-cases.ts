import assert from 'node:assert/strict';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { application } from '../../docs/example/application.ts';
import { awsEnvironment, listedPeople } from '../../lambdas/aws-environment.ts';
import { readPrices } from '../../lambdas/model/prices.ts';
import { silent } from '../../lambdas/notify/notify.ts';
import { startRun } from '../../lambdas/runs/start-run.ts';
import type { ListedTest } from '../support/listed-tests.ts';
import { deployment, inventory } from './deployment.ts';
import { sendForm } from './pages.ts';
import { startPorter } from './porter.ts';
import { endOf, heldOf, pageOf, type Seen } from './runs.ts';
import { type Resource, stackResources } from './signed-call.ts';
import { servedAt } from './target.ts';
import type { World } from './world.ts';

const STACK = 'Doors';
const GUARDS = [{ id: 'gus', name: 'Gus', groups: ['guards'] }];

/** What was deployed of a kind, by how its logical id begins. */
function idIn(resources: readonly Resource[], kind: string, start: string): string {
  const found = resources.find(({ type, logicalId }) => type === kind && logicalId.startsWith(start));
  assert.ok(found, `there is no ${kind} ${start}`);
  return found.physicalId;
}

/** The functions' code over the example's tables, and where its API is. */
function seenIn(world: World, resources: readonly Resource[]): Seen & { readonly doors: string } {
  const api = idIn(resources, 'AWS::ApiGateway::RestApi', 'HoldpointApi');
  const table = (start: string) => idIn(resources, 'AWS::DynamoDB::Table', start);
  const url = `https://${api}.execute-api.${process.env.AWS_REGION}.amazonaws.com/v1`;
  return {
    api: servedAt(world.target, url),
    patienceMs: world.target.patienceMs,
    doors: table('Doors'),
    environment: awsEnvironment(
      {
        JOURNAL_TABLE: table('HoldpointStoreJournal'),
        ROWS_TABLE: table('HoldpointStoreRows'),
        STATE_MACHINE_ARN: idIn(resources, 'AWS::StepFunctions::StateMachine', 'HoldpointRuns'),
        LINK_KEYS_SECRET: idIn(resources, 'AWS::SecretsManager::Secret', 'HoldpointLinkkeys'),
        PUBLIC_URL: url,
        HOLDPOINT_APPROVERS: JSON.stringify(GUARDS),
        HOLDPOINT_POLICIES: application.policies,
      },
      listedPeople,
      silent,
      application,
    ),
  };
}

/** A run of the example's agent: its own tool is held by its own policy, a guard approves, and the door opens once. */
async function openVault(seen: ReturnType<typeof seenIn>): Promise<void> {
  const { environment, doors } = seen;
  const [agent] = application.agents;
  assert.ok(agent);
  const started = await startRun(
    {
      ...environment,
      workflow: environment.workflow(),
      priceOf: readPrices(),
      policyVersion: environment.gate().policyVersion,
    },
    { agent, input: 'Open the vault.', model: 'openai-compatible:porter', requester: 'vera' },
  );
  assert.ok(started.as === 'started');
  const opened = async () => (await environment.dynamodb.send(new ScanCommand({ TableName: doors }))).Items;
  const [hold] = await heldOf(seen, started.runId);
  assert.ok(hold);
  assert.deepEqual([hold.tool, hold.route, await opened()], ['open_door', 'guards', []]);
  const page = await pageOf(seen, hold, 'gus');
  assert.match(page.markup, /Open the vault door/);
  const { origin } = new URL(environment.required('PUBLIC_URL'));
  const answer = await sendForm(page, origin, { decision: 'approve' });
  assert.equal(answer.status, 200, answer.markup);
  const run = await endOf(seen, started.runId);
  assert.deepEqual([run.status, run.answer], ['finished', 'That is all.']);
  assert.equal(run.actions[0]?.effect?.outcome, 'succeeded');
  const effects = await opened();
  assert.deepEqual(
    effects?.map(({ door }) => door),
    ['vault'],
  );
}

export const EXAMPLE: ListedTest<World> = {
  name: 'docs/example: an app of 40 lines with its own tool and policy is deployed, holds, is approved, acts once, and is destroyed',
  skip: ({ target }) =>
    target.kind === 'MiniStack'
      ? undefined
      : `functions on ${target.kind} do not reach a model on this machine`,
  run: async (world) => {
    const example = deployment({ stack: STACK, app: `${process.execPath} docs/example/app.ts` });
    const porter = await startPorter();
    const context = {
      models: 'openai-compatible:porter',
      modelBaseUrl: porter.url,
      approvers: JSON.stringify(GUARDS),
      emulator: 'true',
      removalPolicy: 'destroy',
    };
    try {
      await world.openBootstrap();
      const seconds = await example.deploy(context);
      const resources = await stackResources(STACK);
      console.log(`      deployed in ${seconds.toFixed(1)} s: ${inventory(resources)}`);
      await world.allowReading(resources);
      await openVault(seenIn(world, resources));
      await example.destroy(context);
      const left = (await stackResources(STACK)).filter(({ physicalId }) => physicalId !== '');
      assert.deepEqual(
        left.map(({ logicalId }) => logicalId),
        [],
      );
    } finally {
      await porter.close();
      example.end();
    }
  },
};
