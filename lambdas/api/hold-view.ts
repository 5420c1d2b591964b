import { Terminal } from '../errors.ts';
import { type Branch, type HoldOf, readBranches } from '../journal/branch.ts';
import { digest } from '../journal/digest.ts';
import { record } from '../journal/journal.ts';
import {
  cancelKey,
  type HoldAddress,
  holdId,
  holdKey,
  parseActionId,
  runKey,
  settledKey,
} from '../journal/keys.ts';
import type { BodyOf, Decision } from '../journal/records.ts';
import type { Json } from '../json.ts';
import { groupsOf } from '../oversight/authority.ts';
import type { Member } from '../oversight/directory.ts';
import {
  countVotes,
  endedByTime,
  type Hold,
  readHold,
  type Settled,
  type Vote,
} from '../oversight/settle.ts';
import { type Evidence, evidenceOf } from '../runs/try-view.ts';
import type { Tool } from '../tools/tool.ts';
import type { ApiDeps } from './deps.ts';

/** One hold as its records tell it: what people are shown is what is hashed, never a row. */
export interface HoldView {
  readonly at: HoldAddress;
  readonly holdId: string;
  readonly run: BodyOf<'run'>;
  readonly turn: BodyOf<'turn'>;
  readonly tool: string;
  /** Of a doubt. */
  readonly evidence: Evidence | undefined;
  /** Undefined where the agent no longer has the tool. */
  readonly definition: Tool | undefined;
  readonly args: Json;
  readonly hold: Hold['body'];
  readonly votes: readonly Vote[];
  readonly settled: Settled | undefined;
  /** The settlement, or the one that its votes and its time have come to and that nobody has written yet. */
  readonly status: 'open' | Settled['body']['outcome'];
  /** It ended, and no person's decision ended it. */
  readonly endedByTime: boolean;
}

/** @throws Terminal where the arguments are not those of the hold's digest: nobody may decide on them (T2) */
export async function readHoldView(deps: ApiDeps, at: HoldAddress): Promise<HoldView | undefined> {
  const { turn, index } = parseActionId(at.actionId);
  const [read, records] = await Promise.all([
    readBranches(deps.journal, at.runId, turn, [index], [runKey]),
    readHold(deps.journal, at),
  ]);
  const run = record(read.records, runKey, 'run')?.body;
  const [branch] = read.branches;
  const hold = record(records, holdKey(at.actionId, at.hold), 'hold');
  if (!run || !branch || !hold) return undefined;
  const { action } = branch;
  const args = argsAt(branch, at.hold);
  const { observed } = hold.body;
  const shown = digest({
    agent: run.agent,
    tool: action.tool,
    toolVersion: action.toolVersion,
    args,
    ...(observed ? { observed: observed.version } : {}),
  });
  if (shown !== hold.body.digest) throw new Terminal(`${holdId(at)} does not have its digest`);
  const votes = [...records.values()].filter((r): r is Vote => r.body.kind === 'vote');
  const settled = record(records, settledKey(at.actionId, at.hold), 'settled');
  const cancelled = record(records, cancelKey, 'cancel') !== undefined;
  const settlement = settled?.body ?? countVotes(hold, at.hold, votes, { cancelled, now: deps.now() });
  const named = branch.holds[at.hold];
  return {
    at,
    holdId: holdId(at),
    run,
    turn: branch.turn.body,
    tool: action.tool,
    evidence: named && evidenceOf(branch, named),
    definition: deps.tools.agent(run.agent)?.tools.find(({ name }) => name === action.tool),
    args,
    hold: hold.body,
    votes,
    settled,
    status: settlement?.outcome ?? 'open',
    endedByTime: settlement !== undefined && endedByTime({ votes: [], ...settlement }),
  };
}

/** The arguments that a hold asks about: those of the last edit before it, else the proposed ones. */
function argsAt(branch: Branch, number: number): Json {
  const edit = branch.holds
    .filter((hold: HoldOf) => hold.number < number)
    .findLast((hold) => hold.settled?.body.outcome === 'edited');
  return (edit?.settled?.body.args ?? branch.action.args) as Json;
}

/** Who is asked, who asked, and who is kept out by four-eyes: everybody else is told that there is nothing (T29). */
export const maySeeHold = ({ hold, run }: HoldView, member: Member): boolean =>
  groupsOf(hold, member).length > 0 || hold.excluded.includes(member.id) || run.requester === member.id;

/** What may be decided on a hold. A doubt cannot be rejected: one of its answers is to leave it. */
export const decisionsOn = ({ asks, next }: BodyOf<'hold'>): Decision[] => [
  ...(asks === 'approval' ? (['approve', 'edit'] as const) : (['answer'] as const)),
  ...(asks === 'doubt' ? [] : (['reject'] as const)),
  ...(next === undefined ? [] : (['escalate'] as const)),
  'delegate',
];
