import { expect, test } from 'vitest';
import { CONTRACT, Position } from '../../lambdas/workflow.ts';
import { synthesisedDefinition } from '../../lib/local/synthesised-definition.ts';
import { functions, statements } from './stack-roles.ts';
import { ofType, plain, synthesise } from './stack-template.ts';

const { resources } = synthesise();
const aliases = new Map(ofType(resources, 'AWS::Lambda::Alias'));
const [[, machine] = expect.fail()] = ofType(resources, 'AWS::StepFunctions::StateMachine');

test('every function has one alias, `live`, of its newest version', () => {
  expect(aliases.size).toBe(functions(resources).size);
  for (const [name, { id, live }] of functions(resources)) {
    const { Name, FunctionVersion } = aliases.get(live)?.Properties ?? expect.fail(name);
    expect(Name).toBe('live');
    const version = resources[FunctionVersion['Fn::GetAtt'][0]];
    expect(version?.Type).toBe('AWS::Lambda::Version');
    expect(plain(version?.Properties.FunctionName)).toBe(id);
  }
});

test('F28: a run in flight, which keeps its definition, names functions by what every deployment moves on', () => {
  const named = plain(machine.Properties.DefinitionString).matchAll(/"FunctionName":"([^"]+)"/g);
  const called = [...named].map(([, name]) => name ?? '');
  expect(called).toHaveLength(5);
  for (const name of called) expect(aliases.has(name), name).toBe(true);
  const performing = JSON.parse(plain(functions(resources).get('plan')?.environment.PERFORM_FUNCTIONS));
  for (const name of Object.values(performing)) expect(aliases.has(name as string), String(name)).toBe(true);
  const invoking = statements(resources).filter(({ actions }) => actions.includes('lambda:InvokeFunction'));
  for (const name of invoking.flatMap(({ resources: on }) => on)) expect(aliases.has(name), name).toBe(true);
});

test('F28: payloads say their version; an older one says none, and one that is not known is refused', () => {
  const position = { runId: 'r', exec: 1, taken: 0 };
  expect(Position.parse({ ...position, v: CONTRACT })).toMatchObject(position);
  expect(Position.parse(position)).toEqual(position);
  expect(Position.safeParse({ ...position, v: CONTRACT + 1 }).success).toBe(false);
  const { Hold } = synthesisedDefinition().States as unknown as Record<
    string,
    { Parameters: { Payload: object } }
  >;
  expect(Hold?.Parameters.Payload).toMatchObject({ v: CONTRACT });
});

test('on an emulator functions are called by themselves, unless it is said that it has aliases', () => {
  const emulated = synthesise({ emulator: true }).resources;
  expect(ofType(emulated, 'AWS::Lambda::Alias')).toEqual([]);
  expect(ofType(emulated, 'AWS::Lambda::Version')).toEqual([]);
  expect(ofType(synthesise({ emulator: true, aliases: true }).resources, 'AWS::Lambda::Alias')).not.toEqual(
    [],
  );
});
