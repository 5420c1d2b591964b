import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Aws, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Lifetime } from './lifetime.ts';

export const STAGE = 'v1';

export interface ApiProps extends Lifetime {
  readonly requestsPerSecond: number;
  readonly burst: number;
  /** Sets the account's role by which API Gateway writes logs; without one in the account no log is written. */
  readonly accountLogRole: boolean;
}

/** Every request goes to one function, which knows the routes. */
export class Api extends Construct {
  readonly restApi: RestApi;
  /** Of the stage, without a slash at the end; made of the API's id alone, so that what the API calls may know it. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const { logRetention: retention, removalPolicy } = props;
    this.restApi = new RestApi(this, 'Rest', {
      description: 'Runs, holds and votes; the pages behind links',
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: props.accountLogRole,
      deployOptions: {
        stageName: STAGE,
        throttlingRateLimit: props.requestsPerSecond,
        throttlingBurstLimit: props.burst,
        // Paths carry links: the access log has route templates, and nothing else looks at requests (T7).
        accessLogDestination: new LogGroupLogDestination(
          new LogGroup(this, 'AccessLog', { retention, removalPolicy }),
        ),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
        loggingLevel: MethodLoggingLevel.OFF,
        dataTraceEnabled: false,
        tracingEnabled: false,
      },
    });
    // The stack says where the API is; one output of it is enough.
    this.restApi.node.tryRemoveChild('Endpoint');
    this.url = `https://${this.restApi.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${STAGE}`;
    this.#acknowledge();
  }

  /** Sends every path and method to a function. */
  serve(handler: IFunction): void {
    const integration = new LambdaIntegration(handler, { allowTestInvoke: false });
    this.restApi.root.addMethod('ANY', integration);
    this.restApi.root.addProxy({ defaultIntegration: integration });
  }

  #acknowledge(): void {
    Validations.of(this.restApi).acknowledge(
      {
        id: 'AwsSolutions-APIG2',
        reason: 'The function checks every request against the schemas that its OpenAPI document is made of.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason: 'A web ACL belongs to the account that deploys; the stage is throttled.',
      },
      {
        id: 'AwsSolutions-APIG4',
        reason: 'Pages behind links have no bearer token; the function verifies links and tokens itself.',
      },
      {
        id: 'AwsSolutions-COG4',
        reason: 'Pages behind links have no bearer token; the function verifies links and tokens itself.',
      },
      {
        id: 'AwsSolutions-APIG6',
        reason: 'Execution logs hold request paths, and so links. The access log has route templates.',
      },
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason: 'What API Gateway asks of the one logging role of an account.',
      },
    );
  }
}

/** `resourcePath` is the template `/{proxy+}`; `path` would be the link itself. */
const ACCESS_LOG = {
  requestId: AccessLogField.contextRequestId(),
  at: AccessLogField.contextRequestTime(),
  method: AccessLogField.contextHttpMethod(),
  route: AccessLogField.contextResourcePath(),
  status: AccessLogField.contextStatus(),
  bytes: AccessLogField.contextResponseLength(),
  milliseconds: AccessLogField.contextResponseLatency(),
};
