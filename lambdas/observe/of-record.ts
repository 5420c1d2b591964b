import type { Put } from '../journal/journal.ts';
import { parseHoldId } from '../journal/keys.ts';
import type { BodyOf, Stored } from '../journal/records.ts';
import type { Counts } from './metrics.ts';
import type { Event, Report, Where } from './report.ts';

/**
 * Tells of every record once: whoever wrote it first tells of it, and a step that is done again finds it there and
 * counts as a duplicate. Who dies between the write and this tells of nothing, and the record is there all the same.
 */
export const tellOf =
  (report: Report) =>
  (put: Put): void => {
    const place = placeOf(put);
    const all = put.written ? told(put) : [SUPPRESSED];
    for (const [event, where, counts] of all) report(event, { ...place, ...where }, counts);
  };

type Told = readonly [event: Event, where?: Where, counts?: Counts];

const SUPPRESSED: Told = ['duplicate suppressed', {}, { DuplicatesSuppressed: 1 }];

function told({ record: { body }, after }: Put): readonly Told[] {
  switch (body.kind) {
    case 'exec':
      if (body.why === 'first') return [['run started', { exec: body.exec }, { RunsStarted: 1 }]];
      if (body.why === 'restarted')
        return [['execution restarted', { exec: body.exec }, { RunsRestarted: 1 }]];
      return [];
    case 'turn':
      return [planned(body), ...(body.end ? [ended(body.end.status)] : [])];
    case 'failed':
      return [['run given up', { detail: body.why }, { RunsGivenUp: 1 }], ended('failed')];
    case 'hold':
      return [['hold opened', {}, { HoldsOpened: 1 }]];
    case 'vote':
      return [['vote cast', { who: body.who, decision: body.decision }]];
    case 'settled':
      return [['hold settled', { outcome: body.outcome }, settled(body, after)]];
    case 'intent':
      return body.instead ? [] : [['effect tried']];
    case 'outcome':
      return [['try ended', { outcome: body.outcome }]];
    case 'again':
      return body.why === 'in doubt'
        ? [['in doubt', { detail: body.detail }, { InDoubt: 1 }]]
        : [['asked again', { detail: `${body.why}: ${body.detail}` }]];
    case 'result':
      return [['action ended', { outcome: body.outcome }, { [RESULTS[body.outcome]]: 1 }]];
    case 'run':
    case 'cancel':
    case 'braked':
    case 'lifted':
    case 'granted':
    case 'revoked':
      return [];
  }
}

const RESULTS = {
  succeeded: 'ActionsSucceeded',
  failed: 'ActionsFailed',
  'not performed': 'ActionsNotPerformed',
  'left in doubt': 'ActionsLeftInDoubt',
} as const;
const ENDS = { finished: 'RunsFinished', failed: 'RunsFailed', cancelled: 'RunsCancelled' } as const;

const ended = (outcome: keyof typeof ENDS): Told => ['run ended', { outcome }, { [ENDS[outcome]]: 1 }];

function planned({ turn, actions }: BodyOf<'turn'>): Told {
  const ruled = (decision: string) => actions.filter(({ ruling }) => ruling.decision === decision).length;
  const counts = {
    ActionsAllowed: ruled('allow'),
    ActionsHeld: ruled('hold'),
    ActionsDenied: ruled('deny'),
  };
  return ['turn planned', { turn }, actions.length > 0 ? counts : {}];
}

/** People decided where a vote was counted that decides by itself; time did where a hold has none, or approvals too few. */
function settled({ at, outcome, votes }: BodyOf<'settled'>, after: readonly Stored[]): Counts {
  const byTime = outcome === 'expired' || (outcome === 'escalated' && !votes.some(escalates));
  if (byTime) return { HoldsExpired: 1 };
  const hold = after.find(({ body }) => body.kind === 'hold');
  if (!hold || outcome === 'cancelled') return {};
  return { DecisionLatency: (Date.parse(at) - Date.parse(hold.body.at)) / 1000 };
}

const escalates = ({ decision }: { readonly decision: string }) => decision === 'escalate';

/** A sort key names its action and hold. */
function placeOf({ runId, record: { sk } }: Put): Where {
  const [, actionId, , hold] = /^act#([\d.]+)(#hold#(\d+))?/.exec(sk) ?? [];
  const holdId = `${runId}.${actionId}.${hold}`;
  return {
    runId,
    ...(actionId === undefined ? {} : { actionId }),
    ...(parseHoldId(holdId) ? { holdId } : {}),
  };
}
