import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { vi } from 'vitest';
import { readConfig } from '../../lib/config.ts';
import { SampleStack } from '../../lib/sample-stack.ts';

// The first synthesis of a process loads all of the CDK: seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is walked, not typed
  readonly Properties: any;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
}

export type Resources = Readonly<Record<string, Resource>>;

export interface Synthesised {
  readonly resources: Resources;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Made by hand: its text is the webhook's address. */
export const WEBHOOK_SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:slack-AbCdEf';

export const CERTIFICATE = 'arn:aws:acm:eu-central-1:111122223333:certificate/a';

/** The sandbox stands for somebody else's system, and is walked by a test of its own. */
const ELSEWHERE = { sandboxUrl: 'https://downstream.example.com' };

/**
 * The sample's template, as a deployment with this context would have it, without the sandbox unless asked for; with
 * the bundles if a folder for them is given.
 */
export function synthesise(
  holdpoint: object = {},
  options: { readonly bundlesIn?: string } = {},
): Synthesised {
  const { bundlesIn } = options;
  const outdir = bundlesIn ?? mkdtempSync(join(tmpdir(), 'holdpoint-synth-'));
  const context = {
    holdpoint: { ...ELSEWHERE, ...holdpoint },
    ...(bundlesIn ? {} : { 'aws:cdk:bundling-stacks': [] }),
  };
  const app = new App({ outdir, context, analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  new SampleStack(app, 'Sample', { config: readConfig(app.node) });
  try {
    const { template } = app.synth().getStackByName('Sample');
    return { resources: template.Resources, outputs: template.Outputs };
  } finally {
    if (!bundlesIn) rmSync(outdir, { recursive: true });
  }
}

export const ofType = (resources: Resources, type: string): [string, Resource][] =>
  Object.entries(resources).filter(([, resource]) => resource.Type === type);

/** A value with its references as text: `Journal.Arn`, `Journal`, joined where it is a join. */
export function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, of] = []] = Object.entries(value);
  if (name === 'Ref') return String(of);
  if (name === 'Fn::GetAtt') return (of as string[]).join('.');
  if (name === 'Fn::Join') return (of as [string, unknown[]])[1].map(plain).join((of as [string])[0]);
  return JSON.stringify(value);
}

/** Logical ids that a resource refers to, or says that it depends on. */
export function references(resource: Resource): Set<string> {
  const found = new Set<string>(resource.DependsOn ?? []);
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, of] of Object.entries(value)) {
      if (name === 'Ref') found.add(of as string);
      else if (name === 'Fn::GetAtt') found.add((of as string[])[0] as string);
      else walk(of);
    }
  };
  walk(resource.Properties);
  return found;
}

/** A way through the references that leads back to its start, if there is one. */
export function cycle(resources: Resources): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    const resource = resources[id];
    if (done.has(id) || !resource) return undefined;
    for (const next of references(resource)) {
      const found = visit(next, [...path, id]);
      if (found) return found;
    }
    done.add(id);
    return undefined;
  };
  return Object.keys(resources)
    .map((id) => visit(id, []))
    .find((found) => found !== undefined);
}
