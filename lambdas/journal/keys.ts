/**
 * Where each record lies. The sort key says what a record is and follows from the run alone, so a step that is
 * done twice writes to the same place twice, and the second write is refused.
 */

/**
 * The three powers of a run: what the model wants, what people and policy let happen, what was done. Beside them what
 * stands for longer than a run, in partitions by scope instead of by run.
 */
export type Power = 'proposals' | 'oversight' | 'effects' | 'standing';

export interface Key {
  readonly power: Power;
  readonly sk: string;
}

export const partition = (power: Power, runId: string) => `${power}#${runId}`;

const pad = (n: number, width: number) => String(n).padStart(width, '0');

/** `<turn>.<index>`, turns from 1, indices from 0. */
export const actionId = (turn: number, index: number) => `${pad(turn, 4)}.${pad(index, 2)}`;

/** @throws RangeError where the text is no actionId. */
export function parseActionId(id: string): { turn: number; index: number } {
  const match = /^(\d{4,})\.(\d{2})$/.exec(id);
  if (!match) throw new RangeError(`not an actionId: ${JSON.stringify(id)}`);
  return { turn: Number(match[1]), index: Number(match[2]) };
}

const of = (power: Power, sk: string): Key => ({ power, sk });

export const turnKey = (turn: number) => of('proposals', `turn#${pad(turn, 4)}`);

export const runKey = of('oversight', 'run');
export const cancelKey = of('oversight', 'cancel');
export const failedKey = of('oversight', 'failed');
export const execKey = (n: number) => of('oversight', `exec#${n}`);
export const holdKey = (action: string, hold: number) => of('oversight', `act#${action}#hold#${hold}`);
export const voteKey = (action: string, hold: number, who: string) =>
  of('oversight', `act#${action}#hold#${hold}#vote#${who}`);
export const settledKey = (action: string, hold: number) =>
  of('oversight', `act#${action}#hold#${hold}#settled`);

export const intentKey = (action: string, n: number) => of('effects', `act#${action}#try#${n}#intent`);
export const outcomeKey = (action: string, n: number) => of('effects', `act#${action}#try#${n}#outcome`);
export const againKey = (action: string, hold: number) => of('effects', `act#${action}#again#${hold}`);
export const resultKey = (action: string) => of('effects', `act#${action}#result`);

/** The n-th brake of a scope, from 1. */
export const brakeKey = (n: number, what: 'set' | 'lifted') => of('standing', `brake#${n}#${what}`);
export const grantKey = (id: string, what: 'given' | 'revoked') => of('standing', `grant#${id}#${what}`);

/** A run's id: 26 characters that also fit into an execution's name. */
export const RUN_ID = /^[a-z0-9]{26}$/;

export interface HoldAddress {
  readonly runId: string;
  readonly actionId: string;
  readonly hold: number;
}

/** `<runId>.<turn>.<index>.<hold>` */
export const holdId = (at: HoldAddress) => `${at.runId}.${at.actionId}.${at.hold}`;

/** The address that a holdId names, or undefined where the text is none. */
export function parseHoldId(id: string): HoldAddress | undefined {
  const match = /^([a-z0-9]{26})\.(\d{4,}\.\d{2})\.(0|[1-9]\d{0,5})$/.exec(id);
  if (!match) return undefined;
  return { runId: match[1] as string, actionId: match[2] as string, hold: Number(match[3]) };
}
