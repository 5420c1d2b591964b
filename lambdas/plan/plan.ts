import type { Agent } from '../agents/agent.ts';
import { Terminal } from '../errors.ts';
import { branchOf, readBranches } from '../journal/branch.ts';
import { fingerprint } from '../journal/digest.ts';
import { bytesOf, fitText } from '../journal/fit.ts';
import { type Journal, type Records, record } from '../journal/journal.ts';
import { actionId, cancelKey, runKey, turnKey } from '../journal/keys.ts';
import type { BodyOf, Stored } from '../journal/records.ts';
import type { Rows } from '../journal/rows.ts';
import type { Model } from '../model/model.ts';
import { toToolSpec } from '../model/tool-spec.ts';
import { stoppedOf } from '../oversight/brakes.ts';
import { leaveRoom } from '../oversight/budget.ts';
import { limitReached } from '../runs/limit-reached.ts';
import { type StepDeps, stepOf } from '../steps.ts';
import { CONTRACT, type Planned, type Position, type Step } from '../workflow.ts';
import { type Conversation, isComplete, replay, withTurn } from './conversation.ts';
import { type ProposeDeps, propose } from './propose.ts';

export interface PlanDeps extends StepDeps, ProposeDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  readonly modelOf: (name: string) => Model;
  /** Name or ARN of the function that performs a tool. */
  readonly functionOf: (tool: string) => string;
  /** What a warm function remembers of runs: complete turns never change. */
  readonly remembered: Map<string, Conversation>;
  /** How long one model call may take, in milliseconds. */
  readonly modelMs: number;
  /** After how many rounds an execution is renewed. */
  readonly rounds: number;
}

/**
 * A history ends at 25,000 events. One round of one action writes 23 at most (Plan 5, Route 2, Hold 6, Expire 5,
 * Perform 5), one of several 11 and then 24 for each (its item of Map 2, two Choices 4, the same 16, its end 2): counted
 * as one round each, that is half of it. The other half is for retries, 3 events each, and for questions passed on or
 * asked again.
 */
export const ROUNDS_PER_EXECUTION = 500;
const REMEMBERED_RUNS = 200;
const ENDED_BY_MS = 1_000;

/**
 * One round of a run: reads where it stands, calls the model if all that it proposed has its result, and says what is
 * to be done next. Calling it again after a crash ends in the same records: a turn is memoised by its record (F1).
 */
export async function plan(deps: PlanDeps, position: Position): Promise<Planned> {
  const { runId } = position;
  let conversation = await recall(deps, position);
  const agent = agentOf(deps, conversation.run);
  const isForeign = (tool: string) => agent.tools.some((t) => t.name === tool && t.foreign === true);

  for (;;) {
    const number = conversation.turns + 1;
    const [read, stopped] = await Promise.all([
      readBranches(deps.journal, runId, number, 'all', [cancelKey, turnKey(number + 1)]),
      stoppedOf(deps.rows, { runId, agent: agent.name, tools: agent.tools.map(({ name }) => name) }),
    ]);
    const cancelled = record(read.records, cancelKey, 'cancel') !== undefined;
    let turn = read.turn;
    let branches = read.branches;
    if (turn?.body.actions.length && branches.every(isComplete)) {
      conversation = remember(deps, withTurn(conversation, turn, branches, isForeign));
      if (record(read.records, turnKey(number + 1), 'turn')) continue;
      turn = undefined;
    }
    if (!turn) {
      if (stopped.whole && !cancelled) return pause(deps, position);
      if (position.taken >= deps.rounds) return renew(deps, position);
      turn = await takeTurn(deps, conversation, cancelled);
      branches = turn.body.actions.map((_, index) => branchOf(turn as Turn, index, new Map()));
    }
    if (turn.body.end) return finish(deps, position, turn, conversation);
    const all = branches
      .map((branch) => {
        const { tool } = branch.action;
        return { tool, step: stepOf(deps, branch, cancelled, deps.functionOf(tool)) };
      })
      .filter(({ step }) => step.next !== 'done');
    const performs = all.some(({ step }) => step.next === 'perform');
    // A tool's brake stops its actions alone: the run goes on with the others, and waits when there are none.
    const going = all.filter(({ tool, step }) => step.next !== 'perform' || !stopped.tools.has(tool));
    const waits = (stopped.whole && performs) || (all.length > 0 && going.length === 0);
    if (waits && !cancelled) return pause(deps, position);
    const steps = (cancelled ? all : going).map(({ step }) => step);
    return route(position, steps, read.records, turn);
  }
}

type Turn = Stored<BodyOf<'turn'>>;

async function recall(deps: PlanDeps, position: Position): Promise<Conversation> {
  const { runId, exec, taken } = position;
  const known = deps.remembered.get(runId);
  if (known) return known;
  const fresh = exec === 1 && taken === 0;
  const records = await (fresh ? deps.journal.get(runId, [runKey]) : deps.journal.whole(runId));
  const run = record(records, runKey, 'run');
  if (!run) throw new Terminal(`there is no run ${runId}`);
  const agent = agentOf(deps, run);
  const isForeign = (tool: string) => agent.tools.some((t) => t.name === tool && t.foreign === true);
  return remember(deps, replay(run, records, isForeign));
}

function remember(deps: PlanDeps, conversation: Conversation): Conversation {
  const { runId } = conversation.run.body;
  deps.remembered.delete(runId);
  deps.remembered.set(runId, conversation);
  const [oldest] = deps.remembered.keys();
  if (deps.remembered.size > REMEMBERED_RUNS && oldest !== undefined) deps.remembered.delete(oldest);
  return conversation;
}

function agentOf(deps: PlanDeps, run: Stored<BodyOf<'run'>>) {
  const agent = deps.tools.agent(run.body.agent);
  if (!agent) throw new Terminal(`there is no agent ${run.body.agent}`);
  return agent;
}

/** Calls the model, has its proposals ruled on, and writes the turn; or writes the run's end where it must end. */
async function takeTurn(deps: PlanDeps, conversation: Conversation, cancelled: boolean): Promise<Turn> {
  const { run, turns, heads, untrusted } = conversation;
  const number = turns + 1;
  const write = async (body: Omit<BodyOf<'turn'>, 'v' | 'at' | 'after' | 'kind' | 'turn'>) =>
    (await deps.journal.put(run.body.runId, turnKey(number), { kind: 'turn', turn: number, ...body }, heads))
      .record;
  const end = (status: 'finished' | 'failed' | 'cancelled', reason: string) =>
    write({ text: '', actions: [], usage: { input: 0, output: 0 }, end: { status, reason } });

  if (cancelled) return end('cancelled', 'cancelled by a person');
  if (conversation.end !== undefined) return end('failed', conversation.end);
  const agent = agentOf(deps, run);
  const limit = limitOf(conversation, agent, deps.now());
  if (limit) return end('failed', limit);

  let answer: Awaited<ReturnType<Model['next']>>;
  try {
    answer = await deps.modelOf(run.body.model).next({
      turn: number,
      instructions: agent.instructions,
      messages: conversation.messages,
      tools: agent.tools.map(toToolSpec),
      signal: AbortSignal.timeout(deps.modelMs),
    });
  } catch (error) {
    if (error instanceof Terminal)
      return end('failed', fitText(`the model cannot go on: ${error.message}`, 4_000));
    throw error;
  }
  const { text, actions } = await propose(deps, agent, conversation, answer, (index) =>
    actionId(number, index),
  );
  return write({
    text,
    actions,
    usage: answer.usage,
    ...(untrusted ? { untrusted } : {}),
    ...(actions.length === 0 ? { end: { status: 'finished' as const, answer: text } } : {}),
  });
}

function limitOf({ run, ...used }: Conversation, agent: Agent, now: Date): string | undefined {
  const { limits, price, at } = run.body;
  return limitReached(limits, price, {
    ...used,
    seconds: (now.getTime() - Date.parse(at)) / 1000,
    contextBytes: used.bytes + bytesOf([agent.instructions, agent.tools.map(toToolSpec)]),
  });
}

/** A second Plan that sees nothing new since the first, and would perform again, fails instead of spinning. */
function route(position: Position, steps: readonly Step[], records: Records, turn: Turn): Planned {
  const { runId, exec } = position;
  const seen = fingerprint(
    [turn.sk, ...records.keys(), ...steps.map((s) => `${s.actionId} ${s.next}`)].join('\n'),
  ).slice(0, 16);
  if (seen === position.seen && steps.some((step) => step.next === 'perform')) {
    throw new Terminal(`nothing moves at ${steps.map((step) => step.actionId).join(', ')}`);
  }
  const taken = position.taken + 1 + (steps.length > 1 ? steps.length : 0);
  const at: Position = { v: CONTRACT, runId, exec, taken, seen };
  const [step] = steps;
  if (steps.length === 1 && step && step.next !== 'done') return { ...at, next: step.next, step };
  // Several, or none because all were denied: the model is told of it in the next round.
  return { ...at, next: 'several', branches: steps };
}

async function finish(
  deps: PlanDeps,
  position: Position,
  turn: Turn,
  { asked, run }: Conversation,
): Promise<Planned> {
  if (asked > 0) await leaveRoom(deps.rows, run.body);
  const status = turn.body.end?.status ?? 'finished';
  await deps.rows.change('run', position.runId, { status, due: undefined });
  deps.remembered.delete(position.runId);
  return { ...position, next: 'finished' };
}

/** The brake's lifting makes the run due; should that be lost, the reconciler looks in by itself. */
async function pause(deps: PlanDeps, position: Position): Promise<Planned> {
  await deps.rows.change('run', position.runId, { status: 'paused', due: deps.now().getTime() + 60_000 });
  return { ...position, next: 'paused' };
}

/** Due when this execution has ended: one that still runs would be left alone for as long as a run that is well. */
async function renew(deps: PlanDeps, position: Position): Promise<Planned> {
  await deps.rows.change('run', position.runId, { due: deps.now().getTime() + ENDED_BY_MS });
  return { ...position, next: 'renew' };
}
