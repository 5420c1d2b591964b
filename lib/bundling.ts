import { join } from 'node:path';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

const root = join(import.meta.dirname, '..');

/** Where the handler of a function stands. */
export const entryOf = (name: string): string => join(root, 'lambdas', name, 'handler.ts');

/** An emulator runs functions on the machine that it runs on. */
export const architectureOf = ({ emulator }: { readonly emulator: boolean }): Architecture =>
  emulator && process.arch !== 'arm64' ? Architecture.X86_64 : Architecture.ARM_64;

/** What every function's bundle is resolved against. */
export const PROJECT = { projectRoot: root, depsLockFilePath: join(root, 'package-lock.json') };

/** CommonJS packages expect these; the names of the imports are odd so that no bundled module has them too. */
const CJS_NAMES = [
  "import { createRequire as createRequireHere } from 'node:module';",
  'const require = createRequireHere(import.meta.url);',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join('');

/**
 * One ES module with everything in it, the AWS SDK too: what runs is what was tested. A function that rules gets the
 * policies and Cedar beside it, as files, which a new instance of it is loaded from.
 */
export const bundlingOf = (options: { readonly rules: boolean }): BundlingOptions => ({
  format: OutputFormat.ESM,
  mainFields: ['module', 'main'],
  externalModules: [],
  minify: true,
  sourceMap: false,
  logLevel: LogLevel.WARNING,
  banner: CJS_NAMES,
  ...(options.rules
    ? {
        commandHooks: {
          beforeBundling: () => [],
          beforeInstall: () => [],
          afterBundling: (_, outputDir) => [copyPolicies(outputDir)],
        },
      }
    : {}),
});

/** The Node.js that runs us, so that no other one in the path is asked to run TypeScript. */
const copyPolicies = (outputDir: string): string =>
  [process.execPath, join(import.meta.dirname, 'copy-policies.ts'), root, outputDir]
    .map((word) => JSON.stringify(word))
    .join(' ');
