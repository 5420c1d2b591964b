import { EndpointType, LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Aws, Duration, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { architectureOf, bundleOf, HANDLER } from './bundling.ts';
import { type Lifetime, logProps } from './lifetime.ts';
import { LedgerTable } from './tables.ts';

export interface SandboxProps extends Lifetime {
  readonly emulator: boolean;
}

const STAGE = 'sandbox';

/**
 * The system that the sample's tools act on: it moves nothing, and keeps a ledger of what it was asked and what it
 * did. It stands for somebody else's, so it shares no table and no role with Holdpoint, and asks nobody who they are.
 */
export class Sandbox extends Construct {
  /** Without a slash at the end. */
  readonly url: string;
  /** As the tools are told: an emulator's own address is known to those alone whom it runs. */
  readonly toolUrl: string;

  constructor(scope: Construct, id: string, props: SandboxProps) {
    super(scope, id);
    const table = new LedgerTable(this, 'Ledger', props);
    const logGroup = new LogGroup(this, 'Log', logProps(props));
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    table.grants.actions(role, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query');
    const handler = new LambdaFunction(this, 'Function', {
      code: bundleOf('sandbox'),
      handler: HANDLER,
      description: 'Keeps a ledger of what the sample does',
      runtime: Runtime.NODEJS_24_X,
      architecture: architectureOf(props),
      memorySize: 512,
      timeout: Duration.seconds(15),
      role,
      logGroup,
      environment: { LEDGER_TABLE: table.tableName },
    });
    const api = new RestApi(this, 'Rest', {
      description: 'The sandbox downstream of the sample',
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      deployOptions: { stageName: STAGE, throttlingRateLimit: 20, throttlingBurstLimit: 40 },
    });
    api.node.tryRemoveChild('Endpoint');
    const integration = new LambdaIntegration(handler, { allowTestInvoke: false });
    api.root.addProxy({ defaultIntegration: integration });
    this.url = `https://${api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${STAGE}`;
    this.toolUrl = props.emulator ? `/_aws/execute-api/${api.restApiId}/${STAGE}` : this.url;
    acknowledge(api);
  }
}

/** @see holdpoint:sandboxUrl, which puts another downstream in its place */
function acknowledge(api: RestApi): void {
  const why = {
    'AwsSolutions-APIG1': 'It keeps a ledger of every call itself.',
    'AwsSolutions-APIG2': 'The function checks what it is sent, as a foreign system would.',
    'AwsSolutions-APIG3': 'It moves nothing, belongs to the sample alone, and is throttled.',
    'AwsSolutions-APIG4': 'It moves nothing and knows nobody: a call can only add a line to its ledger.',
    'AwsSolutions-APIG6': 'It keeps a ledger of every call itself.',
    'AwsSolutions-COG4': 'It moves nothing and knows nobody: a call can only add a line to its ledger.',
  };
  Validations.of(api).acknowledge(...Object.entries(why).map(([id, reason]) => ({ id, reason })));
}
