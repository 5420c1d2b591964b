import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Aws, Stack, Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import type { Power } from '../lambdas/journal/keys.ts';
import { ROWS_INDICES } from '../lambdas/journal/rows.ts';
import type { Powers, WorkflowAction } from './powers.ts';
import type { Store } from './tables.ts';

/** A function of ours, or whatever else has a role and a place for acknowledgements. */
type Grantee = IConstruct & IGrantable;

/** Lets a function read the journal and write records of its own power, and do with rows what it may. */
export function grantStore({ journal, rows }: Store, grantee: IGrantable, powers: Powers): void {
  const reads = ['BatchGetItem', 'GetItem', 'Query'];
  Grant.addToPrincipal({ grantee, actions: dynamodb(reads), resourceArns: [journal.tableArn] });
  const written: readonly Power[] = [powers.journal, ...(powers.standing ? (['standing'] as const) : [])];
  // No action that changes a record or carries several: what IAM cannot forbid is a put over a record of one's
  // own power, and the hash graph finds that (T24).
  Grant.addToPrincipal({
    grantee,
    actions: dynamodb(['PutItem']),
    resourceArns: [journal.tableArn],
    conditions: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': written.map((power) => `${power}#*`) },
    },
  });
  for (const [kind, actions] of Object.entries(powers.rows)) {
    grantKinds(grantee, actions, [kind], [rows.tableArn]);
  }
  if (powers.lists) grantKinds(grantee, ['Query'], Object.keys(powers.rows), indicesOf(rows));
}

const dynamodb = (actions: readonly string[]) => actions.map((action) => `dynamodb:${action}`);
const indicesOf = (rows: Table) => ROWS_INDICES.map(({ name }) => `${rows.tableArn}/index/${name}`);

const grantKinds = (
  grantee: IGrantable,
  actions: readonly string[],
  kinds: readonly string[],
  resourceArns: string[],
) =>
  Grant.addToPrincipal({
    grantee,
    actions: dynamodb(actions),
    resourceArns,
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': kinds } },
  });

/** Lets a function start executions of this state machine, look at them, or send tokens of theirs. */
export function grantWorkflow(
  machine: StateMachine,
  grantee: Grantee,
  actions: readonly WorkflowAction[],
): void {
  for (const action of actions) {
    if (action !== 'DescribeExecution') machine.grants.actions(grantee, `states:${action}`);
    else {
      machine.grants.execution(grantee, `states:${action}`);
      const name = `{"Fn::Select":[6,{"Fn::Split":[":",${JSON.stringify(Stack.of(machine).resolve(machine.stateMachineArn))}]}]}`;
      acknowledgeWildcard(
        grantee,
        `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${name}:*`,
        'Every execution of this one state machine.',
      );
    }
  }
}

/** Lets a function call the Bedrock models among these, and no others. */
export function grantModels(grantee: Grantee, models: readonly string[]): void {
  const arns = models.filter((model) => model.startsWith(BEDROCK)).flatMap(modelArns);
  if (arns.length > 0)
    Grant.addToPrincipal({ grantee, actions: ['bedrock:InvokeModel'], resourceArns: arns });
  for (const arn of arns.filter((candidate) => candidate.includes('*'))) {
    acknowledgeWildcard(grantee, arn, 'An inference profile picks the region; the model is named.');
  }
}

const BEDROCK = 'bedrock:';

/** An inference profile forwards to the model of the same name in any region of its geography; it needs both. */
function modelArns(model: string): string[] {
  const id = model.slice(BEDROCK.length);
  const bedrock = `arn:${Aws.PARTITION}:bedrock`;
  const profile = /^(?:global|us|us-gov|eu|apac|au|ca|jp)\.(.+)$/.exec(id);
  if (!profile) return [`${bedrock}:${Aws.REGION}::foundation-model/${id}`];
  return [
    `${bedrock}:${Aws.REGION}:${Aws.ACCOUNT_ID}:inference-profile/${id}`,
    `${bedrock}:*::foundation-model/${profile[1]}`,
  ];
}

/** cdk-nag names the pseudo parameters of a resource in its own way. */
function acknowledgeWildcard(of: Grantee, arn: string, reason: string): void {
  const pseudo = { [Aws.PARTITION]: 'Partition', [Aws.REGION]: 'Region', [Aws.ACCOUNT_ID]: 'AccountId' };
  const named = Object.entries(pseudo).reduce(
    (text, [token, name]) => text.replaceAll(token, `<AWS::${name}>`),
    arn,
  );
  Validations.of(of).acknowledge({ id: `AwsSolutions-IAM5[Resource::${named}]`, reason });
}
