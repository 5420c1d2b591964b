import type { HoldAddress } from '../journal/keys.ts';
import type { BodyOf } from '../journal/records.ts';
import type { HoldRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';
import type { Notify, Telling } from '../notify/notify.ts';
import { common, type Through, untoldBy } from '../notify/untold.ts';
import type { Report } from '../observe/report.ts';
import { nextDue, TELLING_MS } from '../oversight/notices.ts';

export interface NoticesDeps {
  readonly rows: Rows;
  readonly notify: Notify;
  readonly report: Report;
  readonly now: () => Date;
}

/** A notice that is ours to send. */
export interface Claim {
  readonly id: string;
  readonly told: HoldRow['told'];
  readonly telling: Telling;
  /** When the row is due next: once it was sent, and until then. */
  readonly sent: number;
  readonly claimed: number;
}

/**
 * Takes on a notice of a hold: of those who come for it at once, one does. The row says so before anything is sent, and is
 * due again if nothing comes of it: twice as long after the notice's time each time, so that a channel that is broken
 * for good is not tried every minute.
 */
export async function claimNotice(
  { rows, now: clock }: Pick<NoticesDeps, 'rows' | 'now'>,
  at: HoldAddress,
  hold: BodyOf<'hold'>,
  { id, due, agent, tool }: HoldRow,
  { told, through }: { readonly told: HoldRow['told']; readonly through: Through },
): Promise<Claim | undefined> {
  const now = clock().getTime();
  const { about, time } = noticeOf(hold, told);
  const sent = nextDue(hold, told);
  const claimed = Math.min(sent, now + Math.max(TELLING_MS, now - Date.parse(time)));
  if (!(await rows.change('hold', id, { told, untold: through, due: claimed }, due))) return undefined;
  return { id, told, sent, claimed, telling: { about, at, hold, agent, tool, through } };
}

/** What says so much, and when it was to be said. */
function noticeOf({ at, remindAt, warnAt = remindAt }: BodyOf<'hold'>, told: HoldRow['told']) {
  if (told === 'reminded') return { about: 'reminder', time: remindAt } as const;
  if (told === 'warned') return { about: 'warning', time: warnAt } as const;
  return { about: 'opened', time: at } as const;
}

export interface TellResult {
  readonly deeds: readonly ('toldLate' | 'reminded')[];
  /** Holds of which not everybody was told. */
  readonly failed: number;
}

/** Sends all notices of one pass as one bundle (T5), and notes what is still to be sent through which channels. */
export async function tell(
  { rows, notify, report }: NoticesDeps,
  claims: readonly Claim[],
): Promise<TellResult> {
  const [first] = claims;
  if (!first) return { deeds: [], failed: 0 };
  const error = await notify(claims.map(({ telling }) => telling)).then(
    () => undefined,
    (reason: unknown) => reason ?? new Error('unknown'),
  );
  let failed = 0;
  const deeds: ('toldLate' | 'reminded')[] = [];
  for (const { id, told, telling, sent, claimed } of claims) {
    const left = error === undefined ? [] : common(telling.through ?? 'all', untoldBy(error));
    if (left.length > 0) {
      failed += 1;
      await rows.change('hold', id, { untold: left }, claimed);
    } else {
      deeds.push(telling.about === 'opened' ? 'toldLate' : 'reminded');
      const fields = { told: told === 'nobody' ? ('opened' as const) : told, untold: undefined, due: sent };
      await rows.change('hold', id, fields, claimed);
    }
  }
  if (failed > 0) {
    const why = error instanceof Error ? error.message : String(error);
    const { runId } = first.telling.at;
    report('people could not be told', { runId, holds: failed, error, detail: `of ${failed} holds: ${why}` });
  }
  return { deeds, failed };
}
