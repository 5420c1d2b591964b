import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Architecture, type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { AssetHashType, DockerImage } from 'aws-cdk-lib/core';
import type { Application } from '../lambdas/application.ts';

const root = join(import.meta.dirname, '..');

/** An emulator runs functions on the machine that it runs on. */
export const architectureOf = ({ emulator }: { readonly emulator: boolean }): Architecture =>
  emulator && process.arch !== 'arm64' ? Architecture.X86_64 : Architecture.ARM_64;

export interface BundleOptions {
  /** The application that the function is part of. */
  readonly application?: Application;
  /** Whether the function rules, which takes Cedar and the application's policies. @default false */
  readonly rules?: boolean;
}

/** The handler of every function, in the bundle that `bundle.ts` makes of its folder. */
export const HANDLER = 'index.handler';

/** What a function runs: the folder of its handler, bundled. Those that have the same in them are one. */
export function bundleOf(name: string, { application, rules = false }: BundleOptions = {}): AssetCode {
  const words = [
    join(import.meta.dirname, 'bundle.ts'),
    join(root, 'lambdas', name, 'handler.ts'),
    ...(application ? ['--application', application.module] : []),
    ...(rules ? ['--rules'] : []),
  ];
  return Code.fromAsset(root, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // By its command the CDK knows one bundle from another; no image is ever asked for.
      command: words,
      image: DockerImage.fromRegistry('none'),
      local: {
        // The Node.js that runs us, so that no other one in the path is asked to run TypeScript.
        tryBundle: (folder) => {
          execFileSync(process.execPath, [...words, '--to', folder], { stdio: ['ignore', 2, 2] });
          return true;
        },
      },
    },
  });
}
