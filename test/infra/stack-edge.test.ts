import { describe, expect, test } from 'vitest';
import { RunRequest, VoteRequest } from '../../lambdas/api/schemas.ts';
import { requestModel } from '../../lib/request-model.ts';
import { functions } from './stack-roles.ts';
import { CERTIFICATE, ofType, plain, type Resource, synthesise } from './stack-template.ts';

const { resources } = synthesise();
const DOMAIN = { domainName: 'holds.example.com', certificateArn: CERTIFICATE, hostedZoneId: 'Z1' };
const one = (of: typeof resources, type: string): Resource => {
  const [[, found] = expect.fail(), ...more] = ofType(of, type);
  expect(more).toEqual([]);
  return found;
};

describe('bodies that API Gateway looks at', () => {
  const paths = new Map(ofType(resources, 'AWS::ApiGateway::Resource'));
  const pathOf = (id: string): string => {
    const resource = paths.get(id);
    return resource ? `${pathOf(plain(resource.Properties.ParentId))}/${resource.Properties.PathPart}` : '';
  };
  const methods = ofType(resources, 'AWS::ApiGateway::Method').map(([, { Properties }]) => ({
    name: `${Properties.HttpMethod} ${pathOf(plain(Properties.ResourceId)) || '/'}`,
    model: Properties.RequestModels && resources[plain(Properties.RequestModels['application/json'])],
    validator: Properties.RequestValidatorId && resources[plain(Properties.RequestValidatorId)],
  }));

  test('are those of runs and votes; everything else goes to the function as it is', () => {
    const looked = methods.filter(({ validator }) => validator);
    expect(looked.map(({ name }) => name)).toEqual(['POST /runs', 'POST /holds/{holdId}/votes']);
    for (const { validator } of looked) expect(validator?.Properties.ValidateRequestBody).toBe(true);
    const schemas = looked.map(({ model }) => model?.Properties.Schema);
    const outlines = [RunRequest, VoteRequest].map(requestModel);
    for (const [index, { properties, required }] of outlines.entries())
      expect(schemas[index]).toMatchObject({
        type: 'object',
        properties,
        required,
        additionalProperties: false,
      });
  });

  test('and no path is left without a way to the function', () => {
    const open = methods.flatMap(({ name }) => (name.startsWith('ANY ') ? [name.slice(4)] : []));
    expect(open.sort()).toEqual(
      [
        '/',
        '/{proxy+}',
        '/runs',
        '/runs/{proxy+}',
        '/holds',
        '/holds/{holdId}',
        '/holds/{holdId}/votes',
      ].sort(),
    );
  });

  test('are outlined from the schemas: the same fields, needed and listed alike', () => {
    const run = requestModel(RunRequest);
    expect(Object.keys(run.properties ?? {})).toEqual(Object.keys(RunRequest.shape));
    expect(run).toMatchObject({
      schema: 'http://json-schema.org/draft-04/schema#',
      type: 'object',
      properties: {
        agent: { type: 'string', minLength: 1, maxLength: 64 },
        input: { type: 'string', maxLength: 32_000 },
        canary: { type: 'boolean' },
      },
      required: ['agent', 'input'],
      additionalProperties: false,
    });
    const { properties, required } = requestModel(VoteRequest);
    expect(Object.keys(properties ?? {})).toEqual(Object.keys(VoteRequest.shape));
    expect(required).toEqual(['decision', 'digest']);
    expect(properties?.args).toEqual({ type: 'object' });
  });
});

describe('what API Gateway answers by itself', () => {
  const answers = ofType(resources, 'AWS::ApiGateway::GatewayResponse').map(
    ([, { Properties }]) => Properties,
  );

  test('T20: has the headers of every answer, and may not be framed', () => {
    expect(answers.map(({ ResponseType }) => ResponseType)).toEqual(
      expect.arrayContaining(['DEFAULT_4XX', 'DEFAULT_5XX', 'THROTTLED', 'BAD_REQUEST_BODY', 'WAF_FILTERED']),
    );
    for (const { ResponseParameters: of } of answers) {
      const header = (name: string) => of[`gatewayresponse.header.${name}`];
      expect(header('content-security-policy')).toMatch(/^'default-src 'none'; .*frame-ancestors 'none''$/);
      expect(header('x-frame-options')).toBe("'DENY'");
      expect(header('x-content-type-options')).toBe("'nosniff'");
      expect(header('referrer-policy')).toBe("'same-origin'");
      expect(header('cache-control')).toBe("'no-store'");
      expect(header('strict-transport-security')).toMatch(/^'max-age=\d+'$/);
    }
  });

  test('is a problem document that says its status, and nothing of the request but what does not fit', () => {
    for (const { ResponseParameters, ResponseTemplates, StatusCode } of answers) {
      expect(ResponseParameters['gatewayresponse.header.content-type']).toBe("'application/problem+json'");
      const problem = JSON.parse(ResponseTemplates['application/json']);
      expect(problem).toMatchObject({
        type: 'about:blank',
        title: expect.any(String),
        detail: expect.any(String),
      });
      expect(problem.status).toBe(StatusCode === undefined ? undefined : Number(StatusCode));
      const variables = ResponseTemplates['application/json'].match(/\$\w[\w.]*/g) ?? [];
      for (const variable of variables) expect(variable).toBe('$context.error.validationErrorString');
    }
  });
});

describe('a firewall', () => {
  test('is there where it is asked for', () => {
    expect(ofType(resources, 'AWS::WAFv2::WebACL')).toEqual([]);
    const { resources: with_ } = synthesise({ firewall: true, requestsPerAddress: 300 });
    const { Rules } = one(with_, 'AWS::WAFv2::WebACL').Properties;
    expect(Rules.map(({ Name, Priority }: { Name: string; Priority: number }) => [Priority, Name])).toEqual([
      [0, 'RequestsOfOneAddress'],
      [1, 'AWSManagedRulesAmazonIpReputationList'],
      [2, 'AWSManagedRulesCommonRuleSet'],
      [3, 'AWSManagedRulesKnownBadInputsRuleSet'],
    ]);
    expect(Rules[0]).toMatchObject({
      Action: { Block: {} },
      Statement: { RateBasedStatement: { Limit: 300 } },
    });
    const stage = ofType(with_, 'AWS::ApiGateway::Stage')[0]?.[0];
    expect(plain(one(with_, 'AWS::WAFv2::WebACLAssociation').Properties.ResourceArn)).toContain(
      `/stages/${stage}`,
    );
  });

  test('T7: neither logs nor samples requests, whose paths carry links', () => {
    const { resources: with_ } = synthesise({ firewall: true });
    expect(ofType(with_, 'AWS::WAFv2::LoggingConfiguration')).toEqual([]);
    const { Rules, VisibilityConfig } = one(with_, 'AWS::WAFv2::WebACL').Properties;
    const all = [
      VisibilityConfig,
      ...Rules.map((rule: { VisibilityConfig: object }) => rule.VisibilityConfig),
    ];
    for (const config of all) expect(config).toMatchObject({ SampledRequestsEnabled: false });
  });
});

describe('a name of its own', () => {
  const { resources: named, outputs } = synthesise(DOMAIN);

  test('is the only one that the API answers to, and where links lead', () => {
    expect(one(named, 'AWS::ApiGateway::RestApi').Properties.DisableExecuteApiEndpoint).toBe(true);
    expect(one(named, 'AWS::ApiGateway::DomainName').Properties).toMatchObject({
      DomainName: 'holds.example.com',
      RegionalCertificateArn: CERTIFICATE,
      SecurityPolicy: 'TLS_1_2',
    });
    expect(one(named, 'AWS::ApiGateway::BasePathMapping').Properties.BasePath).toBeUndefined();
    for (const name of ['hold', 'api', 'reconcile'])
      expect(functions(named).get(name)?.environment.PUBLIC_URL).toBe('https://holds.example.com');
    expect(outputs.ApiUrl).toMatchObject({ Value: 'https://holds.example.com' });
  });

  test('is written into its zone where one is named', () => {
    const records = ofType(named, 'AWS::Route53::RecordSet').map(([, { Properties }]) => Properties);
    expect(records.map(({ Type, Name, HostedZoneId }) => [Type, Name, HostedZoneId])).toEqual([
      ['A', 'holds.example.com', 'Z1'],
      ['AAAA', 'holds.example.com', 'Z1'],
    ]);
    const { hostedZoneId: _, ...without } = DOMAIN;
    expect(ofType(synthesise(without).resources, 'AWS::Route53::RecordSet')).toEqual([]);
  });
});
