import type { Item } from '../../lambdas/journal/journal.ts';
import type { Body } from '../../lambdas/journal/records.ts';
import type { Json } from '../../lambdas/json.ts';
import type { Code } from './code.ts';
import { firstGap, type Gap } from './difference.ts';
import { runIdOf } from './fixture.ts';

/** What today's code makes otherwise of one record by itself: its text, its hash, its shape, its place. */
export function misread(code: Code, item: Item): Gap | undefined {
  const read = attempt(() => code.decode(item));
  if ('failed' in read) return { ...read.failed, field: 'hash' };
  const json = JSON.parse(item.body) as Json;
  const parsed = code.Body.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { field: issue?.path.join('.') || 'body', recorded: json, today: issue?.message };
  }
  const place = attempt(() => placeOf(code, item, parsed.data));
  if ('failed' in place) return place.failed;
  return (
    firstGap(json, parsed.data) ??
    firstGap(item.body, code.canonical(json), { path: 'text' }) ??
    firstGap(item.sk, place.done.sk, { path: 'sk' }) ??
    firstGap(item.pk, place.done.pk, { path: 'pk' })
  );
}

const SK =
  /^act#(?<action>\d{4,}\.\d{2})#(?:hold#(?<hold>\d+)|try#(?<number>\d+)|again#(?<again>\d+)|result)/;

/** Where today's code puts such a record. */
function placeOf(code: Code, item: Item, body: Body): { sk: string; pk: string } {
  const { action = '', hold, number, again } = SK.exec(item.sk)?.groups ?? {};
  const key = (() => {
    switch (body.kind) {
      case 'run':
        return code.runKey;
      case 'exec':
        return code.execKey(body.exec);
      case 'turn':
        return code.turnKey(body.turn);
      case 'hold':
        return code.holdKey(action, Number(hold));
      case 'vote':
        return code.voteKey(action, Number(hold), body.who);
      case 'settled':
        return code.settledKey(action, Number(hold));
      case 'cancel':
        return code.cancelKey;
      case 'failed':
        return code.failedKey;
      case 'intent':
        return code.intentKey(action, Number(number));
      case 'outcome':
        return code.outcomeKey(action, Number(number));
      case 'again':
        return code.againKey(action, Number(again));
      case 'result':
        return code.resultKey(action);
      case 'braked':
        return code.brakeKey(Number(item.sk.split('#')[1]), 'set');
      case 'lifted':
        return code.brakeKey(Number(item.sk.split('#')[1]), 'lifted');
      case 'granted':
        return code.grantKey(body.id, 'given');
      case 'revoked':
        return code.grantKey(body.id, 'revoked');
    }
  })();
  return { sk: key.sk, pk: code.partition(key.power, runIdOf(item)) };
}

/** What it comes to, or that it fails. */
export function attempt<T>(call: () => T): { done: T } | { failed: Gap } {
  try {
    return { done: call() };
  } catch (error) {
    return { failed: { field: 'reading', recorded: 'done', today: String(error) } };
  }
}
