import type { Agent } from '../agents/agent.ts';
import { canonical, digest } from '../journal/digest.ts';
import { fitText } from '../journal/fit.ts';
import type { Action } from '../journal/records.ts';
import type { Json } from '../json.ts';
import type { ModelAnswer, ProposedCall } from '../model/model.ts';
import { clearEnded, MOST_OPEN, takeRoom } from '../oversight/budget.ts';
import type { Sums } from '../oversight/counters.ts';
import type { Gate } from '../policy/gate.ts';
import type { Ruling } from '../policy/ruling.ts';
import type { ToolBox } from '../tools/tool-box.ts';
import { asksIn, type Conversation } from './conversation.ts';
import { counter, type Granting, granting, type StandingDeps } from './standing.ts';

/** Map runs so many branches at once, and no person reads more at a time. */
export const MOST_ACTIONS = 20;
/** Of those over it so many are recorded, each with its refusal, and the rest is counted. */
const MOST_RECORDED = MOST_ACTIONS * 2;
/** Of one turn's arguments together: a record may have 400 KB, of which the rulings take their part. */
const MOST_ARGS_BYTES = 160_000;
const MOST_TEXT_BYTES = 50_000;

export interface ProposeDeps extends StandingDeps {
  readonly gate: Gate;
  readonly tools: ToolBox;
}

/** The model's answer as a turn has it: every call with its digest and ruling, in the model's own order. */
export async function propose(
  deps: ProposeDeps,
  agent: Agent,
  conversation: Conversation,
  answer: ModelAnswer,
  actionIdOf: (index: number) => string,
): Promise<{ text: string; actions: Action[] }> {
  const actions: Action[] = [];
  const counting = counter(deps, agent);
  const grants = granting(deps, agent);
  const unrecorded = Math.max(answer.calls.length - MOST_RECORDED, 0);
  let room = MOST_ARGS_BYTES;
  for (const [index, call] of answer.calls.slice(0, MOST_RECORDED).entries()) {
    const args = storable(call.args, room);
    room -= Buffer.byteLength(args.text);
    const tool = agent.tools.find(({ name }) => name === call.tool);
    const proposed = {
      tool: call.tool.slice(0, 64).toWellFormed(),
      toolVersion: tool?.version ?? 0,
      args: args.value as never,
    };
    const own = digest({ agent: agent.name, ...proposed, args: args.value });
    const more = index === MOST_RECORDED - 1 && unrecorded > 0 ? `; ${unrecorded} more are left out` : '';
    const refusal = args.why ?? refuse(index, own, actions, conversation, tool?.replay === 'safe', more);
    const id = actionIdOf(index);
    const share =
      args.why === undefined ? counting.shareOf(call, `${conversation.run.body.runId}.${id}`) : undefined;
    const before = share && (await counting.before(share));
    const ruled = await rule(deps, agent, conversation, call, id, before, grants);
    const ruling: Ruling =
      refusal === undefined
        ? ruled
        : { ...omitRoute(ruled), decision: 'deny', policies: [], reason: refusal };
    if (share && ruling.decision !== 'deny') counting.add(share);
    actions.push({ ...proposed, digest: own, ruling });
  }
  return {
    text: fitText(answer.text, MOST_TEXT_BYTES),
    actions: await withinBudget(deps, agent, conversation, actions),
  };
}

/** Denies what asks more of people than the agent may at once; the first questions are those that are asked (T5). */
async function withinBudget(
  { rows }: ProposeDeps,
  agent: Agent,
  conversation: Conversation,
  actions: Action[],
): Promise<Action[]> {
  const { runId, requester } = conversation.run.body;
  const wanted = asksIn(actions);
  // Where the last turn asked as much, its room is this one's; the run's end leaves it.
  if (wanted === conversation.asked || actions.length === 0) return actions;
  const most = agent.openHolds ?? MOST_OPEN;
  const asking = { agent: agent.name, requester, runId };
  let room = await takeRoom(rows, asking, wanted, most);
  if (room < wanted) {
    await clearEnded(rows, asking);
    room = await takeRoom(rows, asking, wanted, most);
  }
  const reason = `${most} questions of ${agent.name} for ${requester} wait for people already`;
  return actions.map((action) => {
    const { ruling } = action;
    if (ruling.decision !== 'hold' || room-- > 0) return action;
    return { ...action, ruling: { ...omitRoute(ruling), decision: 'deny', policies: [], reason } };
  });
}

async function rule(
  deps: ProposeDeps,
  agent: Agent,
  conversation: Conversation,
  call: ProposedCall,
  actionId: string,
  counters: Sums | undefined,
  grants: Granting,
): Promise<Ruling> {
  const { runId, requester } = conversation.run.body;
  // What cannot be found out stays unknown, and the gate denies what it needs and does not know.
  const facts = await deps.tools
    .gather(agent.name, call.tool, call.args, { runId, actionId })
    .catch(() => undefined);
  const proposal = {
    agent: agent.name,
    requester,
    tool: call.tool,
    args: call.args,
    untrusted: conversation.untrusted,
    ...(facts ? { facts } : {}),
    ...(counters ? { counters } : {}),
  };
  const { ruling, args } = deps.gate.rule(proposal);
  if (ruling.decision !== 'hold' || ruling.tier === 'critical' || !args) return ruling;
  const grant = await grants.find({ runId, requester }, call.tool, args, ruling);
  if (!grant) return ruling;
  const granted = deps.gate.rule({ ...proposal, granted: true }).ruling;
  if (granted.decision !== 'allow') return ruling;
  grants.use(grant);
  const { id, who, until } = grant;
  return { ...granted, grant: id, reason: `${granted.reason} (grant ${id} of ${who}, until ${until})` };
}

function refuse(
  index: number,
  own: string,
  before: readonly Action[],
  conversation: Conversation,
  safe: boolean,
  more: string,
): string | undefined {
  if (index >= MOST_ACTIONS) return `a turn may propose ${MOST_ACTIONS} actions at most${more}`;
  if (safe) return undefined;
  if (conversation.inDoubt.has(own)) return 'an equal action was left in doubt';
  const open = before.some((action) => action.digest === own && action.ruling.decision !== 'deny');
  return open ? 'an equal action is open in this turn' : undefined;
}

function omitRoute(ruling: Ruling) {
  const { tier, policyVersion } = ruling;
  return { tier, policyVersion };
}

/** The arguments, or where no record could hold them, something in their place and why. */
function storable(args: Json, room: number): { value: Json; text: string; why?: string } {
  try {
    const text = canonical(args);
    const bytes = Buffer.byteLength(text);
    if (bytes <= room) return { value: args, text };
    const notice = `(${bytes} bytes, left out)`;
    const why = `its arguments have ${bytes} of ${MOST_ARGS_BYTES} bytes a turn`;
    return { value: notice, text: notice, why };
  } catch {
    const text = fitText(JSON.stringify(args) ?? 'undefined', 1000);
    return { value: text, text, why: 'its arguments are not JSON text' };
  }
}
