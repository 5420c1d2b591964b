import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { application } from '../../docs/example/application.ts';
import { defineApplication } from '../../lambdas/application.ts';
import { Holdpoint } from '../../lib/holdpoint.ts';
import { functions } from './stack-roles.ts';
import { ofType, plain, type Resources } from './stack-template.ts';

vi.setConfig({ testTimeout: 60_000 });
const FOLDER = join(import.meta.dirname, '../../docs/example');
const scratch = mkdtempSync(join(tmpdir(), 'holdpoint-example-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** The example's stack with another application. */
const withApplication = (other: Partial<typeof application>) => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] }, outdir: join(scratch, 'other') });
  new Holdpoint(new Stack(app, 'Doors'), 'Holdpoint', { application: { ...application, ...other } });
};

describe('docs/example', () => {
  let resources: Resources;
  beforeAll(() => {
    // As the CDK's command line runs an app: the environment says where the assembly goes.
    const env = { ...process.env, CDK_OUTDIR: join(scratch, 'cdk.out') };
    execFileSync(process.execPath, [join(FOLDER, 'app.ts')], { env, stdio: 'ignore' });
    resources = JSON.parse(readFileSync(join(scratch, 'cdk.out/Doors.template.json'), 'utf8')).Resources;
  }, 120_000);

  test('is an app with its own tool and policy in 40 lines', () => {
    const files = globSync(join(FOLDER, '*'));
    const lines = files.map((file) => readFileSync(file, 'utf8').trimEnd().split('\n').length);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(40);
  });

  test('has a function for its tool, which alone may write to its table and is told of it', () => {
    const deployed = functions(resources);
    expect([...deployed.keys()].filter((name) => name.startsWith('perform'))).toEqual(['perform open_door']);
    const told = [...deployed].filter(([, { environment }]) => environment.DOORS !== undefined);
    expect(told.map(([name]) => name)).toEqual(['perform open_door']);
    const doors = ofType(resources, 'AWS::DynamoDB::Table').find(([id]) => id.startsWith('Doors'))?.[0];
    const writing = ofType(resources, 'AWS::IAM::Policy').filter(([, of]) =>
      JSON.stringify(of).includes(`"${doors}"`),
    );
    expect(writing.flatMap(([, { Properties }]) => Properties.Roles.map(plain))).toEqual([told[0]?.[1].role]);
  });

  test('its bundles have its agent and its policies in them, and nothing of the sample', () => {
    const bundles = globSync(join(scratch, 'cdk.out/asset.*/index.js'));
    expect(bundles.length).toBeGreaterThan(4);
    for (const bundle of bundles) {
      const code = readFileSync(bundle, 'utf8');
      expect([code.includes('You open doors.'), code.includes('customer support')]).toEqual([true, false]);
    }
    const policies = globSync(join(scratch, 'cdk.out/asset.*/*.cedar'));
    expect(policies.map((path) => path.split('/').at(-1))).toEqual(Array(3).fill('doors.cedar'));
  });
});

describe('an application', () => {
  test('whose policy speaks of an argument that its tool has not is not synthesised', () => {
    const policies = join(scratch, 'policies');
    cpSync(FOLDER, policies, { recursive: true });
    const text = readFileSync(join(policies, 'doors.cedar'), 'utf8');
    writeFileSync(join(policies, 'doors.cedar'), text.replace('context.args.door', 'context.args.dor'));
    expect(() => withApplication({ policies })).toThrow(/doors\.cedar:2: .*`args\.dor`/);
    expect(() => withApplication({})).not.toThrow();
  });

  test('needs a route for effects in doubt and one for suspicious text', () => {
    const { routes, ...rest } = application;
    const { 'in-doubt': _, ...without } = routes;
    expect(() => defineApplication({ ...rest, routes: without })).toThrow(/in-doubt/);
    expect(() => defineApplication({ ...rest, routes, suspiciousRoute: 'gards' })).toThrow(
      /suspiciousRoute.*gards/,
    );
  });
});
