import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type Plugin, transform } from 'esbuild';
import { copyPolicies } from './copy-policies.ts';

/*
 * Makes the bundle of a function: `bundle.ts HANDLER --to FOLDER`, with the application that it is part of and, if it
 * rules, the policies. Everything is in it, the AWS SDK too: what runs is what was tested.
 *
 * What `import()` brings in becomes a file of its own, which is not even parsed before it is needed: of Plan that is most.
 * esbuild splits ES modules only, and one that imports `node:http`, at once or later, also loads the client of `fetch`
 * (15 ms of a cold start). So each file is turned into a CommonJS module afterwards.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: 'string' },
    application: { type: 'string' },
    rules: { type: 'boolean' },
  },
});
const [handler = ''] = positionals;
const { to = '', application, rules } = values;
const root = join(import.meta.dirname, '..');

/** A CommonJS module has these by other names. */
const ADDRESS = 'addressOfBundle';
const META = {
  'import.meta.dirname': '__dirname',
  'import.meta.filename': '__filename',
  'import.meta.url': ADDRESS,
};
const HAS_ADDRESS = `const ${ADDRESS} = require('node:url').pathToFileURL(__filename).href;`;

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

/** Who imports zod by its name `z` gets its messages in fifty languages too, 190 KB; English is imported by itself. */
const englishAlone: Plugin = {
  name: 'english alone',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};

const target = 'node24';
const { outputFiles } = await build({
  entryPoints: { index: handler },
  outdir: to,
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target,
  mainFields: ['module', 'main'],
  external: OTHER_CREDENTIALS,
  define: META,
  ...(application && { alias: { '#application': application } }),
  plugins: [englishAlone],
  minify: true,
  charset: 'utf8',
  write: false,
  logLevel: 'warning',
});
for (const { path, text } of outputFiles) {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target,
    supported: { 'dynamic-import': false },
    minify: true,
    charset: 'utf8',
    ...(text.includes(ADDRESS) && { banner: HAS_ADDRESS }),
    logLevel: 'warning',
  });
  writeFileSync(join(to, basename(path)), code);
}
if (application && rules) await copyPolicies(application, to);
