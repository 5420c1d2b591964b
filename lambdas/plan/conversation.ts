import { argsOf, type Branch, branchOf, headsOf } from '../journal/branch.ts';
import { canonical } from '../journal/digest.ts';
import { bytesOf } from '../journal/fit.ts';
import { type Records, record } from '../journal/journal.ts';
import { turnKey } from '../journal/keys.ts';
import type { Action, BodyOf, Stored } from '../journal/records.ts';
import type { Json } from '../json.ts';
import { costOf } from '../model/cost.ts';
import type { Message } from '../model/model.ts';

type Turn = Stored<BodyOf<'turn'>>;

/** What a run has come to by its last complete turn: a fold over turns, each of which never changes once complete. */
export interface Conversation {
  readonly run: Stored<BodyOf<'run'>>;
  /** How many turns are complete. */
  readonly turns: number;
  readonly messages: readonly Message[];
  /** Text of strangers has entered the run (T32). */
  readonly untrusted: boolean;
  readonly tokens: number;
  /** What its model calls cost, in millionths, where the price is known. */
  readonly spendMicros: number;
  /** Of the messages, as JSON in UTF-8. */
  readonly bytes: number;
  /** The last record of every branch of the last turn, or what came before the first. */
  readonly heads: readonly Stored[];
  /** Digests of actions that were left in doubt: not to be proposed again. */
  readonly inDoubt: ReadonlySet<string>;
  /** How many questions the last turn put to people. */
  readonly asked: number;
  /** The run is to end, for this reason, instead of going on. */
  readonly end: string | undefined;
}

export const opening = (run: Stored<BodyOf<'run'>>): Conversation => ({
  run,
  turns: 0,
  messages: [{ role: 'user', text: run.body.input }],
  untrusted: false,
  tokens: 0,
  spendMicros: 0,
  bytes: bytesOf([{ role: 'user', text: run.body.input }]),
  heads: [run],
  inDoubt: new Set(),
  asked: 0,
  end: undefined,
});

/** How many of a turn's actions wait for people. */
export const asksIn = (actions: readonly Action[]): number =>
  actions.filter(({ ruling }) => ruling.decision === 'hold').length;

export const isComplete = (branch: Branch) =>
  branch.result !== undefined || branch.action.ruling.decision === 'deny';

/** The conversation with one more complete turn. `isForeign` says of a tool whether strangers wrote its results. */
export function withTurn(
  before: Conversation,
  turn: Turn,
  branches: readonly Branch[],
  isForeign: (tool: string) => boolean,
): Conversation {
  const { text, actions, usage } = turn.body;
  const calls = branches.map((branch) => ({
    id: branch.actionId,
    tool: branch.action.tool,
    args: branch.action.args as Json,
  }));
  const said: Message[] = [{ role: 'assistant', text, calls }, ...branches.map(told)];
  const { price } = before.run.body;
  const doubtful = branches.filter((branch) => branch.result?.body.outcome === 'left in doubt');
  return {
    run: before.run,
    turns: turn.body.turn,
    messages: [...before.messages, ...said],
    untrusted:
      before.untrusted ||
      branches.some((b) => b.result?.body.outcome === 'succeeded' && isForeign(b.action.tool)),
    tokens: before.tokens + usage.input + usage.output,
    spendMicros: before.spendMicros + (price ? costOf(usage, price) : 0),
    bytes: before.bytes + bytesOf(said),
    heads: actions.length > 0 ? branches.flatMap(headsOf) : [turn],
    inDoubt: new Set([...before.inDoubt, ...doubtful.map((branch) => branch.action.digest)]),
    asked: asksIn(actions),
    end: before.end ?? branches.find((branch) => branch.result?.body.end)?.result?.body.end,
  };
}

/** What the model is told of an action: the tool's answer, or why there is none. */
function told(branch: Branch): Message {
  const { actionId: id, action, result } = branch;
  const said = (value: Json, failed: boolean): Message => ({
    role: 'tool',
    id,
    tool: action.tool,
    result: value,
    failed,
  });
  if (!result) return said({ notPerformed: `denied by policy: ${action.ruling.reason}` }, true);
  const { outcome, value, why } = result.body;
  if (outcome !== 'succeeded')
    return said({ [outcome === 'failed' ? 'failed' : 'notPerformed']: why ?? outcome }, true);
  const args = argsOf(branch);
  const edited = canonical(args as Json) !== canonical(action.args as Json);
  return said(
    edited ? { performedWith: args as Json, result: (value ?? null) as Json } : ((value ?? null) as Json),
    false,
  );
}

/** Rebuilds the conversation from all of a run's records: what a cold function does. */
export function replay(
  run: Stored<BodyOf<'run'>>,
  records: Records,
  isForeign: (tool: string) => boolean,
): Conversation {
  let conversation = opening(run);
  for (;;) {
    const turn = record(records, turnKey(conversation.turns + 1), 'turn');
    if (!turn || turn.body.end) return conversation;
    const branches = turn.body.actions.map((_, index) => branchOf(turn, index, records));
    if (!branches.every(isComplete)) return conversation;
    conversation = withTurn(conversation, turn, branches, isForeign);
  }
}
