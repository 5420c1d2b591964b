import type { CallSite } from './calls.ts';

/**
 * Calls that no scenario of the matrix needs to make, each with why. A whole file, or one line of it; a line that no
 * scenario reaches and that is not here fails the matrix, and so does one that is here and is reached.
 */
const FILES: Readonly<Record<string, string>> = {
  'api/approver-routes.ts': 'the route only reads',
  'api/audit-routes.ts': 'only reads',
  'api/inbox-route.ts': 'only reads',
  'api/list.ts': 'only reads',
  'api/page-context.ts': 'only reads',
  'api/page-routes.ts': 'decides as the route of votes does',
  'api/identity.ts': 'asks who the caller is, before anything else',
  'aws-environment.ts': 'is read by the links’ keys, a port',
  'aws-secret.ts': 'is read by the links’ keys and the notifier, ports',
  'oversight/cognito-directory.ts': 'the directory, a port',
  'oversight/links.ts': 'calls nobody: verifies a signature',
  'notify/aws-notifier.ts': 'the notifier, a port',
  'notify/channels.ts': 'the notifier, a port',
  'notify/mail-channel.ts': 'the notifier, a port',
  'notify/topic-channel.ts': 'the notifier, a port',
  'notify/webhook-channel.ts': 'the notifier, a port',
  'model/ai-sdk-model.ts': 'the model, a port',
  'model/ask.ts': 'the model, a port',
  'model/configured-model.ts': 'the model, a port',
  'events/publish.ts': 'decides nothing: what is recorded is told again until it was',
  'observe/deployed.ts': 'stands around a function',
  'reconcile/handler.ts': 'measures, and calls the reconciler',
  'reconcile/measure.ts': 'only reads',
  'sandbox/app.ts': 'the other side',
  'sandbox/start-sandbox.ts': 'the other side',
  'sandbox/table-ledger.ts': 'the other side',
  'tools/read-notes.ts': 'reads a customer, as another tool does',
};

const READS = 'only reads';
const LINES: Readonly<Record<string, string>> = {
  "api/brake-routes.ts: async (c) => c.json({ items: (await deps.rows.list('brake')).map(brakeOf) }, 200),":
    READS,
  "api/brake-routes.ts: const brake = await deps.rows.get('brake', c.req.valid('param').scope);": READS,
  'api/brake-routes.ts: const items = (await brakings(deps.journal, scope)).map(({ set: { body }, lifted }) => ({':
    READS,
  'api/brake-routes.ts: : RUN_ID.test(name) && (await deps.journal.get(name, [runKey])).size > 0;': READS,
  "api/decide.ts: const seconds = shownFor(await deps.secret(), challengeFor(view, member), shown ?? '', deps.now());":
    READS,
  'api/hold-routes.ts: const page = await collect({': READS,
  "api/hold-routes.ts: cursors: cursors(await deps.secret(), 'holds'),": READS,
  "api/hold-routes.ts: read: (options) => deps.rows.due('hold', undefined, options),": READS,
  'api/hold-routes.ts: ? shownAt(await deps.secret(), challengeFor(view, caller), deps.now())': READS,
  'api/run-routes.ts: const page = await collect({': READS,
  "api/run-routes.ts: cursors: cursors(await deps.secret(), 'runs'),": READS,
  'api/run-routes.ts: read: (options) => deps.rows.newest(options),': READS,
  "api/run-routes.ts: const { records, row } = await readRun(deps, runId, c.get('caller'));": READS,
  "api/run-routes.ts: const open = row.status === 'running' ? await deps.rows.list('hold', `${row.id}.`) : [];":
    READS,
  'api/run-routes.ts: const started = await startRun(':
    'the scenarios’ callers start runs by the same function',
  "journal/rows.ts: const page = await this.#page('hold', BY_DUE, { limit: 1000, fields, ...(next ? { next } : {}) });":
    READS,
  "reconcile/reconcile-hold.ts: await deps.rows.delete('hold', row.id);":
    'of a row that is none of ours; of ours, a later line does the same',
};

/** What is wrong with these: calls that nothing reaches and nobody accounts for, and accounts of none. */
export function unaccounted(unreached: readonly CallSite[]): string[] {
  const keyOf = ({ file, text }: CallSite) => `${file}: ${text}`;
  const known = (site: CallSite) => Object.hasOwn(FILES, site.file) || Object.hasOwn(LINES, keyOf(site));
  const found = new Set(unreached.flatMap((site) => [site.file, keyOf(site)]));
  return [
    ...unreached
      .filter((site) => !known(site))
      .map(({ file, line, text }) => `no scenario makes this call: lambdas/${file}:${line} ${text}`),
    ...[...Object.keys(FILES), ...Object.keys(LINES)]
      .filter((name) => !found.has(name))
      .map((name) => `unreached.ts accounts for what is reached, or is not there: ${name}`),
  ];
}
