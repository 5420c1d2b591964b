import { expect, test } from 'vitest';
import { functions } from './stack-roles.ts';
import { ofType, plain, synthesise } from './stack-template.ts';

const { resources, outputs } = synthesise({ sandboxUrl: undefined, emulator: false });
const ledger = ofType(resources, 'AWS::DynamoDB::Table').find(([id]) => id.startsWith('SandboxLedger'))?.[0];

test('the sandbox is deployed with the sample, and the tools with effects are told where it is', () => {
  expect(plain(outputs.SandboxUrl)).toContain('execute-api');
  const url = functions(resources).get('perform issue_refund')?.environment.SANDBOX_URL;
  expect(plain(url)).toMatch(/^https:\/\/SandboxRest.*\/sandbox$/);
  expect(functions(resources).get('plan')?.environment.SANDBOX_URL).toBeUndefined();
});

test('on an emulator the tools are told a path, because its address is known inside alone', () => {
  const emulated = synthesise({ sandboxUrl: undefined, emulator: true }).resources;
  const url = functions(emulated).get('perform issue_refund')?.environment.SANDBOX_URL;
  expect(plain(url)).toMatch(/^\/_aws\/execute-api\/SandboxRest[^/]*\/sandbox$/);
});

test('the sandbox and Holdpoint share no table', () => {
  expect(ledger).toBeDefined();
  for (const [id, { Properties }] of ofType(resources, 'AWS::IAM::Policy')) {
    const text = JSON.stringify(Properties.PolicyDocument);
    const own = id.startsWith('Sandbox');
    expect(text.includes(String(ledger)), id).toBe(own);
    if (own) expect(text).not.toMatch(/HoldpointStore|Customers/);
  }
});

test('with a downstream of its own the sample has no sandbox', () => {
  const { resources: without, outputs: said } = synthesise({ sandboxUrl: 'https://bank.example.com' });
  expect(Object.keys(without).filter((id) => id.startsWith('Sandbox'))).toEqual([]);
  expect(said.SandboxUrl).toBeUndefined();
});

test('people sign in on an emulator where that is asked for, and decide by their links alone where it is not', () => {
  const pools = (context: object) => ofType(synthesise(context).resources, 'AWS::Cognito::UserPool').length;
  expect(pools({ emulator: true, signIn: 'cognito' })).toBe(1);
  expect(pools({ signIn: 'links' })).toBe(0);
});

test('a route that waits as long as the deployment says is known to every function', () => {
  const { resources: limited } = synthesise({ routeLimits: { question: 5 } });
  for (const name of ['plan', 'hold', 'expire', 'api', 'reconcile', 'perform issue_refund'])
    expect(functions(limited).get(name)?.environment.HOLDPOINT_ROUTE_LIMITS, name).toBe('{"question":5}');
  expect(() => synthesise({ routeLimits: { questions: 5 } })).toThrow(/holdpoint:routeLimits.*questions/);
});
