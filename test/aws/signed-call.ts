import { createHash, createHmac } from 'node:crypto';
import { SFNClient } from '@aws-sdk/client-sfn';

export interface Call {
  readonly service: 'cognito-idp' | 'cloudformation' | 'iam' | 'lambda' | 's3' | 'sqs';
  /** @default POST */
  readonly method?: 'POST' | 'DELETE';
  readonly path?: string;
  /** The name of a parameter without a value. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Where credentials and region come from, as for every client. */
const sdk = new SFNClient({});

/**
 * Calls a service whose SDK client is no dependency of ours, at AWS_ENDPOINT_URL or AWS itself.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function signedCall(call: Call): Promise<Response> {
  const { service, method = 'POST', path = '/', query = '', headers = {}, body = '' } = call;
  const { accessKeyId, secretAccessKey, sessionToken } = await sdk.config.credentials();
  const region = await sdk.config.region();
  const base = process.env.AWS_ENDPOINT_URL ?? `https://${service}.${region}.amazonaws.com`;
  const url = new URL(base.replace(/\/$/, '') + path);
  url.search = query;
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const sent: Record<string, string> = {
    ...headers,
    'x-amz-date': time,
    ...(service === 's3' ? { 'x-amz-content-sha256': hash(body) } : {}),
    ...(sessionToken ? { 'x-amz-security-token': sessionToken } : {}),
  };
  const signed = Object.entries({ ...sent, host: url.host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const request = [
    method,
    url.pathname.split('/').map(encodeURIComponent).join('/'),
    query && `${query}=`,
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    hash(body),
  ].join('\n');
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, hash(request)].join('\n')).toString('hex');
  return fetch(url, {
    method,
    headers: {
      ...sent,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    },
    ...(body ? { body } : {}),
  });
}

/** Calls a Cognito operation. @throws Error with the service's answer */
export async function cognito<T = unknown>(operation: string, input: object): Promise<T> {
  const answer = await signedCall({
    service: 'cognito-idp',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(input),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${text}`);
  return JSON.parse(text || '{}') as T;
}

export interface Resource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
}

/** What a stack consists of; nothing where there is no such stack. */
export async function stackResources(stack: string): Promise<Resource[]> {
  const resources: Resource[] = [];
  let token: string | undefined;
  do {
    const answer = await signedCall({
      service: 'cloudformation',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        Action: 'ListStackResources',
        Version: '2010-05-15',
        StackName: stack,
        ...(token ? { NextToken: token } : {}),
      }).toString(),
    });
    const text = await answer.text();
    if (!answer.ok) {
      if (/does not exist/.test(text)) return [];
      throw new Error(`ListStackResources: ${answer.status} ${text}`);
    }
    const field = (of: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(of)?.[1] ?? '';
    for (const [, member = ''] of text.matchAll(/<member>([\s\S]*?)<\/member>/g)) {
      resources.push({
        logicalId: field(member, 'LogicalResourceId'),
        physicalId: field(member, 'PhysicalResourceId'),
        type: field(member, 'ResourceType'),
      });
    }
    token = field(text, 'NextToken') || undefined;
  } while (token);
  return resources;
}

/** Adds a policy of its own to a role. */
export async function putRolePolicy(role: string, policyName: string, statement: object): Promise<void> {
  const answer = await signedCall({
    service: 'iam',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      Action: 'PutRolePolicy',
      Version: '2010-05-08',
      RoleName: role,
      PolicyName: policyName,
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    }).toString(),
  });
  if (!answer.ok) throw new Error(`PutRolePolicy: ${answer.status} ${await answer.text()}`);
}

/** Takes a bucket's policy away. */
export async function deleteBucketPolicy(bucket: string): Promise<void> {
  const answer = await signedCall({ service: 's3', method: 'DELETE', path: `/${bucket}`, query: 'policy' });
  if (!answer.ok) throw new Error(`DeleteBucketPolicy: ${answer.status} ${await answer.text()}`);
}

export interface Invoked {
  /** What the function returned, or its error where it threw. */
  readonly payload: unknown;
  readonly threw: boolean;
}

/** Calls a function with an event and waits for it. */
export async function invoke(functionName: string, event: unknown): Promise<Invoked> {
  const answer = await signedCall({
    service: 'lambda',
    path: `/2015-03-31/functions/${functionName}/invocations`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  const text = await answer.text();
  if (answer.status >= 300) throw new Error(`Invoke ${functionName}: ${answer.status} ${text}`);
  return { payload: text ? JSON.parse(text) : undefined, threw: answer.headers.has('x-amz-function-error') };
}
