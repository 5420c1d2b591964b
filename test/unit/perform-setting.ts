import * as z from 'zod';
import { expire } from '../../lambdas/expire/expire.ts';
import { hold } from '../../lambdas/hold/hold.ts';
import { type Branch, readBranches } from '../../lambdas/journal/branch.ts';
import { digest } from '../../lambdas/journal/digest.ts';
import { hashOf, Journal } from '../../lambdas/journal/journal.ts';
import { type HoldAddress, holdKey, partition, runKey, turnKey } from '../../lambdas/journal/keys.ts';
import type { Action, BodyOf } from '../../lambdas/journal/records.ts';
import { Rows } from '../../lambdas/journal/rows.ts';
import type { JsonObject } from '../../lambdas/json.ts';
import type { Telling } from '../../lambdas/notify/notify.ts';
import { tellOf } from '../../lambdas/observe/of-record.ts';
import { onAlarm } from '../../lambdas/observe/report.ts';
import { type Ballot, castVote } from '../../lambdas/oversight/vote.ts';
import { perform } from '../../lambdas/perform/perform.ts';
import type { Gate } from '../../lambdas/policy/gate.ts';
import { stepOf } from '../../lambdas/steps.ts';
import type { Tool } from '../../lambdas/tools/tool.ts';
import { ToolBox } from '../../lambdas/tools/tool-box.ts';
import type { Delivered } from '../../lambdas/workflow.ts';
import {
  AGENT,
  type Groups,
  OWNER,
  PEOPLE,
  type Policy,
  REQUESTER,
  ROUTES,
  rulingOf,
  TOOL,
} from '../model/sample.ts';
import { createStore } from '../model/store.ts';

export const RUN_ID = 'a'.repeat(26);
export const ACTION = '0001.00';
export const KEY = /^a{26}\.0001\.00\.[0-9a-f]{16}$/;
const Args = z.strictObject({ amount: z.int(), note: z.string().optional() });
type Args = JsonObject & { readonly amount: number };

/** A call as the tool received it. */
export interface Call {
  readonly args: Args;
  readonly key: string;
}

/** One action of one run, on the real functions over a store in memory; everything around them can be set. */
export function createSetting(
  options: { readonly tool?: Partial<Tool>; readonly routes?: typeof ROUTES } = {},
) {
  const clock = { ms: Date.parse('2026-03-02T09:00:00Z') };
  const now = () => new Date(clock.ms);
  const world = {
    policy: 'lead' as Policy,
    people: PEOPLE as Groups,
    calls: [] as Call[],
    alarms: [] as string[],
    delivered: [] as { readonly token: string; readonly delivered: Delivered }[],
    told: [] as string[],
    /** Tokens that are not waited for any more. */
    stale: new Set<string>(),
    /** What the tool does, and what happens while it is asked. */
    tool: async (_: Call): Promise<string> => 'paid',
    ruled: () => {},
  };
  const store = createStore({ fault: () => undefined, written: () => {} });
  const dynamodb = store.client(async () => {});
  const report = onAlarm((what) => world.alarms.push(what));
  const journal = new Journal({ dynamodb, table: 'journal', now, onPut: tellOf(report) });
  const rows = new Rows({ dynamodb, table: 'rows' });
  const pay: Tool = {
    name: TOOL,
    version: 1,
    description: '',
    args: Args,
    replay: 'keyed',
    tier: 'medium',
    title: () => '',
    perform: async (args, { key }) => {
      const call = { args: Args.parse(args) as Args, key };
      world.calls.push(call);
      return world.tool(call);
    },
    ...options.tool,
  };
  const limits = { turns: 5, tokens: 1000, wallSeconds: 1000 };
  const agent = { name: AGENT, owner: OWNER, instructions: '', tools: [pay], limits };
  const gate: Gate = {
    policyVersion: 'test',
    rule: ({ args }) => {
      world.ruled();
      return { ruling: rulingOf(world.policy, Args.parse(args).amount), args: args as JsonObject };
    },
  };
  const find = async (id: string) => {
    const groups = world.people[id];
    return groups && { id, name: id, groups };
  };
  const deps = {
    journal,
    rows,
    now,
    gate,
    tools: new ToolBox({ agents: [agent], dynamodb, env: {} }),
    routes: options.routes ?? ROUTES,
    directory: { find, members: async () => [] },
    workflow: {
      start: async () => {},
      status: async () => 'running' as const,
      deliver: async (token: string, delivered: Delivered) => {
        if (world.stale.has(token)) return 'stale' as const;
        world.stale.add(token);
        world.delivered.push({ token, delivered });
        return 'taken' as const;
      },
    },
    notify: async (tellings: readonly Telling[]) =>
      void world.told.push(...tellings.map(({ about }) => about)),
    report,
    processId: 'p1',
    isGone: () => false,
    open: new Set<string>(),
    tool: TOOL,
    doubtRoute: 'in-doubt',
  };

  const branch = async (): Promise<Branch> => {
    const { branches } = await readBranches(journal, RUN_ID, 1, [0]);
    return branches[0] as Branch;
  };
  const input = async () => {
    const step = stepOf(deps, await branch(), false, 'perform');
    return { runId: RUN_ID, exec: 1, taken: 0, step };
  };
  const addressOf = (number: number): HoldAddress => ({ runId: RUN_ID, actionId: ACTION, hold: number });
  let tokens = 0;

  return {
    world,
    clock,
    store,
    deps,
    branch,
    addressOf,
    /** The run and its only turn, ruled on by the policy of now. */
    async propose(args: Args = { amount: 50 }) {
      const run = {
        kind: 'run' as const,
        runId: RUN_ID,
        agent: AGENT,
        model: 'm',
        input: '',
        requester: REQUESTER,
        limits,
        policyVersion: 'test',
        request: '',
      };
      const put = await journal.put(RUN_ID, runKey, run, []);
      const own = digest({ agent: AGENT, tool: TOOL, toolVersion: 1, args });
      const ruling = rulingOf(world.policy, args.amount);
      const action = { tool: TOOL, toolVersion: 1, args, digest: own, ruling } as Action;
      const turn = { turn: 1, text: '', actions: [action], usage: { input: 0, output: 0 } };
      await journal.put(RUN_ID, turnKey(1), { kind: 'turn', ...turn }, [put.record]);
    },
    /** Opens the hold that is named, on another token each time. */
    async open(): Promise<BodyOf<'hold'>> {
      tokens += 1;
      const at = await input();
      await hold(deps, { ...at, token: `token ${tokens}` });
      const key = holdKey(ACTION, at.step.hold);
      return (await journal.get(RUN_ID, [key])).get(key.sk)?.body as BodyOf<'hold'>;
    },
    /** A vote on a hold, the last one that is named where none is given. */
    async vote(
      who: string,
      decision: Ballot['decision'] = 'approve',
      { hold: on, ...more }: Partial<Ballot> & { readonly hold?: number } = {},
    ) {
      const { holds } = await branch();
      const number = on ?? holds.at(-1)?.number ?? 0;
      const shown = holds[number]?.opened?.body.digest ?? '';
      const ballot = { who, via: 'token' as const, decision, digest: shown, ...more };
      return castVote(deps, addressOf(number), ballot);
    },
    expire: async () => expire(deps, await input()),
    perform: async () => (await perform(deps, await input())).step,
    input,
    /** Writes another body over a record, under a hash that fits. */
    async forge(key: { power: Parameters<typeof partition>[0]; sk: string }, body: (text: string) => string) {
      const item = store.items('journal').find(({ sk }) => sk === key.sk);
      const place = { pk: partition(key.power, RUN_ID), sk: key.sk, body: body(String(item?.body)) };
      store.overwrite('journal', { ...place, hash: hashOf(place) });
    },
    /** What became of the action. */
    result: async () => (await branch()).result?.body,
  };
}

export type Setting = ReturnType<typeof createSetting>;
