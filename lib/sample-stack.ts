import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { application } from '../lambdas/agents/sample.ts';
import type { Config } from './config.ts';
import { Holdpoint } from './holdpoint.ts';
import { lifetimeOf } from './lifetime.ts';
import { Sandbox } from './sandbox.ts';
import { CustomersTable } from './tables.ts';
import type { AccessOf } from './tool-access.ts';

export interface SampleStackProps extends StackProps {
  readonly config: Config;
}

/** Holdpoint with the sample agent `support`, its tools, the customers they know and the sandbox they act on. */
export class SampleStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: SampleStackProps) {
    super(scope, id, props);
    const lifetime = lifetimeOf(config);
    const customers = new CustomersTable(this, 'Customers', lifetime);
    const sandbox =
      config.sandboxUrl === undefined
        ? new Sandbox(this, 'Sandbox', { ...lifetime, emulator: config.emulator })
        : undefined;
    const holdpoint = new Holdpoint(this, 'Holdpoint', {
      application,
      access: accessOf(customers, sandbox?.toolUrl ?? config.sandboxUrl ?? ''),
      config,
    });

    const { api, linkKeys, notifications, stateMachine, store, users } = holdpoint;
    const outputs = {
      ApiUrl: api.url,
      StateMachineArn: stateMachine.stateMachineArn,
      JournalTable: store.journal.tableName,
      RowsTable: store.rows.tableName,
      CustomersTable: customers.tableName,
      LinkKeysSecret: linkKeys.secretArn,
      ...(notifications.topic && { NoticeTopicArn: notifications.topic.topicArn }),
      ...(sandbox && { SandboxUrl: sandbox.url }),
      ...(users && { UserPoolId: users.pool.userPoolId, UserPoolClientId: users.client.userPoolClientId }),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

/** Which of the sample's tools reads customers, and which calls the downstream. */
function accessOf(customers: CustomersTable, sandboxUrl: string): AccessOf {
  const reads = {
    environment: { CUSTOMERS_TABLE: customers.tableName },
    grant: (grantee: IGrantable) => customers.grants.actions(grantee, 'dynamodb:GetItem'),
  };
  const effects = { environment: { SANDBOX_URL: sandboxUrl } };
  return {
    lookup_customer: { reads },
    read_notes: { reads },
    issue_refund: { reads, effects },
    send_email: { reads, effects },
    delete_record: { effects },
    send_wire: { effects },
  };
}
