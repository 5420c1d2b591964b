import { join } from 'node:path';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Application } from '../lambdas/application.ts';

const root = join(import.meta.dirname, '..');

/** Where the handler of a function stands. */
export const entryOf = (name: string): string => join(root, 'lambdas', name, 'handler.ts');

/** An emulator runs functions on the machine that it runs on. */
export const architectureOf = ({ emulator }: { readonly emulator: boolean }): Architecture =>
  emulator && process.arch !== 'arm64' ? Architecture.X86_64 : Architecture.ARM_64;

/** What every function's bundle is resolved against. */
export const PROJECT = { projectRoot: root, depsLockFilePath: join(root, 'package-lock.json') };

/** A CommonJS module has these by other names. */
const ADDRESS = 'addressOfBundle';
const META = {
  'import.meta.dirname': '__dirname',
  'import.meta.filename': '__filename',
  'import.meta.url': ADDRESS,
};

export interface BundleOptions {
  /** The application that the function is part of. */
  readonly application?: Application;
  /** Whether the function rules, which takes Cedar and the application's policies. @default false */
  readonly rules?: boolean;
}

/**
 * Where else the SDK would look for credentials: Lambda gives them in the environment, where they are looked for first.
 * Each is loaded when it comes to it, and for that alone a bundle would carry clients of three more services.
 */
const OTHER_CREDENTIALS = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/**
 * One module with everything in it, the AWS SDK too: what runs is what was tested. CommonJS, because an ES module that
 * imports `node:http`, at once or later, also loads the client of `fetch`: 15 ms. A function that rules gets the policies and
 * Cedar beside it, as files, which a new instance of it is loaded from.
 */
export const bundlingOf = ({ application, rules = false }: BundleOptions = {}): BundlingOptions => ({
  format: OutputFormat.CJS,
  mainFields: ['module', 'main'],
  externalModules: OTHER_CREDENTIALS,
  minify: true,
  sourceMap: false,
  logLevel: LogLevel.WARNING,
  define: META,
  esbuildArgs: {
    '--supported:dynamic-import': 'false',
    ...(application && { '--alias': `#application=${application.module}` }),
  },
  banner: `const ${ADDRESS} = require('node:url').pathToFileURL(__filename).href;`,
  ...(application &&
    rules && {
      commandHooks: {
        beforeBundling: () => [],
        beforeInstall: () => [],
        afterBundling: (_, outputDir) => [copyPolicies(application, outputDir)],
      },
    }),
});

/** The Node.js that runs us, so that no other one in the path is asked to run TypeScript. */
const copyPolicies = ({ module }: Application, outputDir: string): string =>
  [process.execPath, join(import.meta.dirname, 'copy-policies.ts'), root, module, outputDir]
    .map((word) => JSON.stringify(word))
    .join(' ');
