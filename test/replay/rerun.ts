import type { Item, Records } from '../../lambdas/journal/journal.ts';
import type { Body, BodyOf, Stored } from '../../lambdas/journal/records.ts';
import type { Routes } from '../../lambdas/oversight/route.ts';
import type { Code } from './code.ts';
import { runIdOf } from './fixture.ts';
import type { World } from './world.ts';

type Deps = ReturnType<World['deps']>;

interface Rerun {
  readonly code: Code;
  readonly world: World;
  readonly routes: Routes | undefined;
  /** All records of the run, those that are yet to come too. */
  readonly whole: Records;
}

const ACTION = /^act#(\d{4,}\.\d{2})#/;
const HOLD = /#hold#(\d+)/;

/** Has today's functions do what led to a record, from what had been written before it. */
export async function rerun({ code, world, routes, whole }: Rerun, item: Item): Promise<void> {
  const deps = world.deps(routes);
  const runId = runIdOf(item);
  const { body } = code.decode(item);
  const actionId = ACTION.exec(item.sk)?.[1] ?? '';
  const at = { runId, actionId, hold: Number(HOLD.exec(item.sk)?.[1] ?? 0) };
  const step = { actionId, next: 'perform' as const, hold: at.hold, seconds: 1, function: 'perform' };
  const position = { runId, exec: 1, taken: 1, step };
  switch (body.kind) {
    case 'run':
      await start(deps, code, body);
      return void (await world.rows.put(rowOf(body)));
    case 'exec':
      world.executionIs(body.why === 'restarted' ? 'died' : 'succeeded');
      return reconcile(deps, code, whole, body.why === 'resumed' ? 'paused' : 'running');
    case 'failed':
      world.executionIs('died');
      return reconcile(deps, code, whole, 'running');
    case 'turn':
      world.answers(() => answerOf(code, body));
      // Not the first round, which would read the run's record alone.
      return void (await code.plan({ ...deps, remembered: new Map() }, { runId, exec: 1, taken: 1 }));
    case 'hold':
      return void (await code.hold(deps, { ...position, token: 'a token' }));
    case 'vote': {
      const { v, at: _, after, kind, groups, ...ballot } = body;
      const cast = await code.castVote(deps, at, ballot as never);
      if (cast.as !== 'counted') throw new Error(`the vote is ${JSON.stringify(cast)}`);
      return;
    }
    case 'settled':
      return void (await code.settle(deps, at));
    case 'cancel':
      if ('failed' in body.after) return reconcile(deps, code, whole, 'running');
      await world.rows.put({ ...rowOf(whole.get('run')?.body as BodyOf<'run'>), due: 1 });
      return void (await code.cancelRun(deps, runId, body.who));
    case 'intent':
    case 'again':
    case 'outcome':
    case 'result':
      return perform(deps, code, whole, position);
    case 'granted': {
      const { v, at: _, after, kind, ...grant } = body;
      return void (await code.giveGrant(deps, grant as never));
    }
    case 'revoked': {
      const grant = await world.rows.get('grant', body.id);
      if (!grant) throw new Error(`there is no grant ${body.id}`);
      return code.revokeGrant(deps, grant, body.who);
    }
    case 'braked':
      await code.setBrake(deps, { id: body.scope, who: body.who, reason: body.reason });
      // What a brake stops is not recorded, so it stands in no replayed run's way.
      return world.rows.delete('brake', body.scope);
    case 'lifted':
      await world.rows.put(brakeOf(whole, item.sk.replace(/lifted$/, 'set')));
      return void (await code.liftBrake(deps, body.scope, body.who));
  }
}

function brakeOf(whole: Records, sk: string) {
  const set = whole.get(sk)?.body;
  if (set?.kind !== 'braked') throw new Error(`no record says that ${sk}`);
  const { scope, at, who, reason } = set;
  return { kind: 'brake' as const, id: scope, at, who, reason };
}

/** Whether a record was written by the very call that had written the intent which it follows from. */
export function cameWithIntent(body: Body, whole: Records): boolean {
  if (body.kind !== 'outcome' && body.kind !== 'result') return false;
  const [intent, ...more] = Object.keys(body.after).map((sk) => whole.get(sk)?.body);
  return more.length === 0 && intent?.kind === 'intent' && !intent.instead;
}

async function start(deps: Deps, code: Code, run: BodyOf<'run'>): Promise<void> {
  const { agent: name, input, model, requester, canary } = run;
  const agent = deps.tools.agent(name);
  if (!agent) throw new Error(`there is no agent ${name}`);
  await code.startRun(deps, { agent, input, model, requester, ...(canary ? { canary } : {}) });
}

const rowOf = ({ runId, at, agent, requester, input }: BodyOf<'run'>) => ({
  kind: 'run' as const,
  id: runId,
  at,
  agent,
  requester,
  input,
  status: 'running' as 'running' | 'paused',
  due: 1,
});

async function reconcile(
  deps: Deps,
  code: Code,
  whole: Records,
  status: 'running' | 'paused',
): Promise<void> {
  const row = { ...rowOf(whole.get('run')?.body as BodyOf<'run'>), status };
  await deps.rows.put(row);
  await code.reconcileRun(deps, row, true);
}

/** As the model gave it: its proposals before anything was made of them. */
async function answerOf({ Terminal }: Code, { text, actions, usage, end }: BodyOf<'turn'>) {
  const refused = /^the model cannot go on: (.*)$/s.exec(end?.reason ?? '')?.[1];
  if (refused !== undefined) throw new Terminal(refused);
  return { text, usage, calls: actions.map(({ tool, args }) => ({ tool, args: args as never })) };
}

/** A step that is to be tried again has said so in its records. */
async function perform(deps: Deps, code: Code, whole: Records, position: Parameters<Code['perform']>[1]) {
  const { turn: number, index } = code.parseActionId(position.step.actionId);
  const turn = [...whole.values()].find(({ body }) => body.kind === 'turn' && body.turn === number);
  const { tool = '' } = (turn as Stored<BodyOf<'turn'>> | undefined)?.body.actions[index] ?? {};
  await code.perform({ ...deps, tool, open: new Set() }, position).catch((error) => {
    if (!(error instanceof code.Retryable)) throw error;
  });
}
