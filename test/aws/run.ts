import assert from 'node:assert/strict';
import { Command } from 'commander';
import { close, type ListedTest, runListed } from '../support/listed-tests.ts';
import { BY_LINK, DECISIONS } from './decision-cases.ts';
import { inventory, STACK } from './deployment.ts';
import { EXAMPLE } from './example-cases.ts';
import { DISASTERS, EXPIRY, FAULTS, SURROUNDINGS } from './fault-cases.ts';
import { verifySender } from './mailbox.ts';
import { NOTICES } from './notice-cases.ts';
import { stackResources } from './signed-call.ts';
import { chooseTarget } from './target.ts';
import { World } from './world.ts';

const { aws = false, links = false } = new Command('npm run test:aws --')
  .description(
    `Deploys the sample with the CDK, tests it over HTTP as deployed, and destroys it: at AWS_ENDPOINT_URL (LocalStack 4.14,
MiniStack), else on MiniStack 1.5.33, which is installed from PyPI once, under node_modules/.cache, and started on 127.0.0.1.
Needs python3 (3.10 or newer) then.`,
  )
  .option('--aws', 'on AWS itself: in the account of the environment’s credentials, at its prices')
  .option('--links', 'nobody signs in, as on an emulator without Cognito')
  .parse()
  .opts<{ aws?: boolean; links?: boolean }>();

const DEPLOYING: ListedTest<World> = {
  name: 'cdk bootstrap and cdk deploy',
  run: async (world) => {
    const bootstrapped = await world.deployment.bootstrap();
    const { resources, seconds } = await world.deploy();
    assert.ok(resources.length > 0);
    if (world.target.kind === 'MiniStack') await verifySender();
    console.log(`      bootstrapped in ${bootstrapped.toFixed(1)} s, deployed in ${seconds.toFixed(1)} s`);
    console.log(`      ${inventory(resources)}`);
    await world.addCustomers();
  },
};

const DEPLOYING_AGAIN: ListedTest<World> = {
  name: 'cdk deploy once more, with a hold open: new approvers',
  run: async (world) => {
    if (world.target.hasUsers) await world.addUsers();
    const { seconds } = await world.deploy();
    console.log(`      deployed in ${seconds.toFixed(1)} s`);
    assert.equal((await world.held(world.heldBefore)).length, 1);
  },
};

const DESTROYING: ListedTest<World> = {
  name: 'cdk destroy leaves nothing of the stack',
  run: async (world) => {
    await world.destroy();
    const left = (await stackResources(STACK)).filter(({ physicalId }) => physicalId !== '');
    const states = left.map(({ logicalId }) => logicalId).join(' ');
    assert.ok(left.length === 0 || world.target.kind !== 'MiniStack', states);
  },
};

const began = Date.now();
const tests = [
  DEPLOYING,
  ...BY_LINK,
  DEPLOYING_AGAIN,
  ...DECISIONS,
  ...NOTICES,
  ...EXPIRY,
  ...FAULTS,
  ...DISASTERS,
  EXAMPLE,
  ...SURROUNDINGS,
  DESTROYING,
];
const target = await chooseTarget({ aws, links });
const world = new World(target);
try {
  const users = target.hasUsers
    ? 'people sign in with Cognito'
    : 'nobody signs in: people decide by links alone';
  console.log(`on ${target.kind}${target.endpoint ? ` at ${target.endpoint}` : ''}; ${users}`);
  const tally = await runListed(world, tests, {
    atOnce: 1,
    limitMs: target.group === undefined ? 900_000 : 150_000,
  });
  console.log(`${((Date.now() - began) / 1000).toFixed(0)} s`);
  close(tests.length, tally);
} finally {
  await world.end();
}
