import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { type CfnFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { App } from 'aws-cdk-lib/core';
import { readConfig } from '../../lib/config.ts';
import { PowerFunction } from '../../lib/function.ts';
import { SampleStack } from '../../lib/sample-stack.ts';

export interface Bundle {
  /** Of its handler's folder. */
  readonly name: string;
  /** Its module. */
  readonly entry: string;
  readonly zipKb: number;
  /** Cedar and the policies are with it. */
  readonly rules: boolean;
}

/** Bundles the sample's functions into a folder as a deployment does; those that perform are one. */
export function bundleSample(outdir: string): readonly Bundle[] {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new SampleStack(app, 'Cold', { config: readConfig(app.node) });
  app.synth();
  const bundles = new Map<string, Bundle>();
  for (const deployed of stack.node.findAll()) {
    if (!(deployed instanceof LambdaFunction)) continue;
    const { scope } = deployed.node;
    const name = scope instanceof PowerFunction ? scope.handler : 'sandbox';
    const { s3Key } = stack.resolve((deployed.node.defaultChild as CfnFunction).code);
    const folder = join(outdir, `asset.${s3Key.replace(/\.zip$/, '')}`);
    const files = filesIn(folder);
    bundles.set(name, {
      name,
      entry: join(folder, 'index.js'),
      zipKb: zippedKb(files),
      rules: files.some((file) => file.endsWith('.wasm')),
    });
  }
  return [...bundles.values()];
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((file) => join(file.parentPath, file.name));

/** As in a zip file, each deflated by itself. */
const zippedKb = (files: readonly string[]): number =>
  Math.round(files.reduce((sum, file) => sum + deflateRawSync(readFileSync(file)).length, 0) / 1024);
