import { SendTaskHeartbeatCommand } from '@aws-sdk/client-sfn';
import type { HoldRow } from '../../lambdas/journal/row-kinds.ts';
import { round } from './statistics.ts';
import { openSubject, type Subject } from './subject.ts';

/**
 * A process that holds runs, or, started on the same folder after it was killed, holds them again.
 * Sends `{ rssMb, memoryMb, listMs }`, or `'held'` and then `{ live, cpuMs }`.
 */
const [task = '', data = '', sandboxUrl = '', holds = '0'] = process.argv.slice(2);
const count = Number(holds);

/** Of one requester's questions 50 may wait. */
const REQUESTERS = 25;

const everyHold = Promise.withResolvers<void>();
let seen = 0;
const see = () => {
  seen += 1;
  if (seen === count) everyHold.resolve();
};

const megabytes = () => round(process.memoryUsage().rss / 1e6, 0);

/** V8 keeps pages that it has emptied; only this kind of collection gives them back. */
function collect(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/** Page by page, as the inbox does. */
async function listHolds({ core }: Subject): Promise<readonly HoldRow[]> {
  const rows: HoldRow[] = [];
  let next: string | undefined;
  do {
    const page = await core.environment.rows.due('hold', undefined, {
      limit: 100,
      ...(next ? { next } : {}),
    });
    rows.push(...page.items);
    next = page.next;
  } while (next !== undefined);
  return rows;
}

async function hold(subject: Subject) {
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      await subject.start('refund', 'support', `sam-${left % REQUESTERS}`);
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
  await everyHold.promise;
  const rssMb = megabytes();
  collect();
  const memoryMb = megabytes();
  await listHolds(subject);
  const from = performance.now();
  const listed = await listHolds(subject);
  const listMs = round(performance.now() - from);
  if (listed.length !== count) throw new Error(`${listed.length} holds are listed`);
  return { rssMb, memoryMb, listMs };
}

/** Each hold's token is new: stored when `addToken` has answered. */
async function holdAgain({ core }: Subject) {
  const { rows } = core.environment;
  const addToken = rows.addToken.bind(rows);
  rows.addToken = async (row, token) => {
    const added = await addToken(row, token);
    see();
    return added;
  };
  await core.reconcile({ allRuns: true });
  await everyHold.promise;
}

/** How many holds have a last token that Step Functions knows as waiting. */
async function liveTokens(subject: Subject): Promise<number> {
  const { sfn } = subject.core.environment;
  const alive = await Promise.all(
    (await listHolds(subject)).map(({ tokens }) =>
      sfn.send(new SendTaskHeartbeatCommand({ taskToken: tokens.at(-1) })).then(
        () => 1,
        () => 0,
      ),
    ),
  );
  return alive.filter(Boolean).length;
}

process.on('disconnect', () => process.exit());
/** Held again, young holds are told of once more; there it is their tokens that count. */
const onNotice = task === 'hold' ? see : () => {};
const subject = await openSubject({ data, sandboxUrl, onNotice });
if (task === 'hold') {
  process.send?.(await hold(subject));
} else {
  await holdAgain(subject);
  process.send?.('held');
  const { user, system } = process.cpuUsage();
  process.send?.({ live: await liveTokens(subject), cpuMs: round((user + system) / 1000, 0) });
}
