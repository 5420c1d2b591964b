import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  type IResource,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Aws, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { RunRequest, VoteRequest } from '../lambdas/api/schemas.ts';
import { addDomain, type DomainProps } from './domain.ts';
import { Firewall, type FirewallProps } from './firewall.ts';
import { addGatewayAnswers } from './gateway-answers.ts';
import { type Lifetime, logProps } from './lifetime.ts';
import { requestModel } from './request-model.ts';

export const STAGE = 'v1';
const JSON_TYPE = 'application/json';

export interface ApiProps extends Lifetime {
  readonly requestsPerSecond: number;
  readonly burst: number;
  /** Sets the account's role by which API Gateway writes logs; without one in the account no log is written. */
  readonly accountLogRole: boolean;
  /** A name of its own, which is then the only one it answers to. */
  readonly domain?: DomainProps | undefined;
  /** Whether a firewall stands before it, and how many requests it lets one address make in five minutes. */
  readonly firewall?: Pick<FirewallProps, 'requestsPerAddress'> | undefined;
}

/** Bodies that API Gateway looks at first, by path and method. */
const BODIES = [
  { path: '/runs', method: 'POST', name: 'RunRequest', schema: RunRequest },
  { path: '/holds/{holdId}/votes', method: 'POST', name: 'VoteRequest', schema: VoteRequest },
] as const;

/** Every request goes to one function, which knows the routes and checks all that it is sent. */
export class Api extends Construct {
  readonly restApi: RestApi;
  /** Base of all paths, without a slash at the end; made of no resource but the API, so that what the API calls may know it. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const { domain, firewall } = props;
    this.restApi = new RestApi(this, 'Rest', {
      description: 'Runs, holds and votes; the pages behind links',
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: props.accountLogRole,
      disableExecuteApiEndpoint: domain !== undefined,
      deployOptions: {
        stageName: STAGE,
        throttlingRateLimit: props.requestsPerSecond,
        throttlingBurstLimit: props.burst,
        // Paths carry links: the access log has route templates, and nothing else looks at requests (T7).
        accessLogDestination: new LogGroupLogDestination(new LogGroup(this, 'AccessLog', logProps(props))),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
        loggingLevel: MethodLoggingLevel.OFF,
        dataTraceEnabled: false,
        tracingEnabled: false,
      },
    });
    // The stack says where the API is; one output of it is enough.
    this.restApi.node.tryRemoveChild('Endpoint');
    addGatewayAnswers(this.restApi);
    if (domain) addDomain(this, this.restApi, domain);
    if (firewall) new Firewall(this, 'Firewall', { ...firewall, stage: this.restApi.deploymentStage });
    this.url = domain
      ? `https://${domain.domainName}`
      : `https://${this.restApi.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${STAGE}`;
    this.#acknowledge({ firewall: firewall !== undefined });
  }

  /** Sends every path and method to a function; some of them with a look at the body before. */
  serve(handler: IFunction): void {
    const { root } = this.restApi;
    const integration = new LambdaIntegration(handler, { allowTestInvoke: false });
    root.addMethod('ANY', integration);
    root.addProxy({ defaultIntegration: integration });
    const requestValidator = this.restApi.addRequestValidator('Bodies', { validateRequestBody: true });
    for (const { path, method, name, schema } of BODIES) {
      const model = this.restApi.addModel(name, { contentType: JSON_TYPE, schema: requestModel(schema) });
      const resource = root.resourceForPath(path);
      resource.addMethod(method, integration, { requestValidator, requestModels: { [JSON_TYPE]: model } });
      // What is below a path that is named here is not the root's proxy's any more.
      for (let above: IResource | undefined = resource; above !== root && above; above = above.parentResource)
        if (!above.node.tryFindChild('ANY')) above.addMethod('ANY', integration);
    }
    root.resourceForPath('/runs').addProxy({ defaultIntegration: integration });
  }

  #acknowledge({ firewall }: { readonly firewall: boolean }): void {
    Validations.of(this.restApi).acknowledge(
      {
        id: 'AwsSolutions-APIG2',
        reason:
          'Bodies of runs and votes are looked at here; the function checks every request against the schemas of its OpenAPI document.',
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
    if (firewall) return;
    Validations.of(this.restApi).acknowledge({
      id: 'AwsSolutions-APIG3',
      reason:
        'Whether a web ACL is paid for is the deployer’s choice: -c holdpoint:firewall=true. The stage is throttled.',
    });
  }
}

/** `resourcePath` is a template, such as `/{proxy+}`; `path` would be the link itself. */
const ACCESS_LOG = {
  requestId: AccessLogField.contextRequestId(),
  at: AccessLogField.contextRequestTime(),
  method: AccessLogField.contextHttpMethod(),
  route: AccessLogField.contextResourcePath(),
  status: AccessLogField.contextStatus(),
  bytes: AccessLogField.contextResponseLength(),
  milliseconds: AccessLogField.contextResponseLatency(),
};
