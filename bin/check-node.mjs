// Plain JavaScript, since an old Node.js cannot read the rest: says what is needed instead of a syntax error.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Holdpoint needs Node.js 22.18 or newer, and this is ${process.versions.node}. 'npm ci' brings its own Node.js 24 where there is a build of it; elsewhere install one.`,
  );
  process.exit(1);
}
