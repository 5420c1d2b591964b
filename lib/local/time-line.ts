import type { Body } from '../../lambdas/journal/records.ts';

/** A record as the audit shows it. */
export interface Line {
  readonly key: string;
  readonly body: Body;
}

/** What happened in a run, one line for each record, in the order of their times: for people. */
export function timeLine(lines: readonly Line[]): string[] {
  const sorted = lines.toSorted((a, b) => (a.body.at < b.body.at ? -1 : a.body.at > b.body.at ? 1 : 0));
  return sorted.flatMap(({ key, body }) => {
    const time = body.at.slice(11, 23);
    return sayings(key, body).map((saying, index) => `${index === 0 ? time : ' '.repeat(12)}  ${saying}`);
  });
}

function sayings(key: string, body: Body): string[] {
  const action = /^act#([^#]+)/.exec(key)?.[1] ?? '';
  const hold = /#hold#(\d+)/.exec(key)?.[1] ?? '';
  const attempt = /#try#(\d+)/.exec(key)?.[1] ?? '';
  switch (body.kind) {
    case 'run':
      return [`${body.requester} asks ${body.agent} (${body.model}): ${body.input}`];
    case 'exec':
      return [`execution ${body.exec} (${body.why})`];
    case 'turn':
      return [
        `turn ${body.turn}${body.text ? `: “${body.text}”` : ''}`,
        ...body.actions.map(
          ({ tool, args, ruling }, index) =>
            `  proposes ${tool} ${JSON.stringify(args)} (${body.turn}.${index}): ${ruling.decision}${ruling.decision === 'hold' ? ` for ${ruling.route}` : ''}, ${ruling.tier}: ${ruling.reason}`,
        ),
        ...(body.end
          ? [`the run is ${body.end.status}${body.end.reason ? `: ${body.end.reason}` : ''}`]
          : []),
      ];
    case 'hold':
      return [
        `${action} held (${hold}): ${body.quorum} of ${body.groups.join(', ')} until ${body.expiresAt}; digest ${body.digest.slice(0, 12)}…`,
      ];
    case 'vote':
      return [
        `${body.who}: ${body.decision}${body.to ? ` to ${body.to}` : ''}${body.answer ? ` “${body.answer}”` : ''}${body.comment ? ` (${body.comment})` : ''}`,
      ];
    case 'settled':
      return [`${action} settled (${hold}): ${body.outcome}`];
    case 'again':
      return [`${action} is asked again: ${body.why}: ${body.detail}`];
    case 'intent':
      // What is decided instead of a try has a record of its own right after it.
      if (body.instead) return [];
      return [`${action} is about to be tried (${attempt}), key ${body.key}`];
    case 'outcome':
      return [`${action} try ${attempt}: ${body.outcome}: ${body.detail}`];
    case 'result':
      return [`${action} ${body.outcome}: ${body.why ?? JSON.stringify(body.value)}`];
    case 'cancel':
      return [`${body.who} cancels the run`];
    case 'failed':
      return [`the run failed: ${body.why}`];
    case 'braked':
      return [`${body.who} sets the brake on ${body.scope}: ${body.reason}`];
    case 'lifted':
      return [`${body.who} lifts the brake on ${body.scope}`];
    case 'granted':
      return [`${body.who} grants ${body.tool}, ${body.uses} times, until ${body.until}: ${body.reason}`];
    case 'revoked':
      return [`${body.who} revokes the grant ${body.id}`];
  }
}
