import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Agent } from '../agents/agent.ts';
import { Terminal } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Observation, Tool, ToolContext } from './tool.ts';

export interface ToolBoxOptions {
  readonly agents: readonly Agent[];
  readonly dynamodb: DynamoDBDocumentClient;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where a call belongs. */
export interface Call {
  readonly runId: string;
  readonly actionId: string;
  readonly key?: string;
}

/** How long a look at the world may take. */
const READ_MS = 10_000;
const DEFAULT_TIMEOUT_SECONDS = 20;

export const timeoutMs = (tool: Tool) => (tool.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;

/** The agents' tools, and the reads that are made before anything is decided. */
export class ToolBox {
  readonly #agents: ReadonlyMap<string, Agent>;
  readonly #options: ToolBoxOptions;

  constructor(options: ToolBoxOptions) {
    this.#options = options;
    this.#agents = new Map(options.agents.map((agent) => [agent.name, agent]));
  }

  agent(name: string): Agent | undefined {
    return this.#agents.get(name);
  }

  /** Whether any agent has a tool of this name. */
  has(toolName: string): boolean {
    return [...this.#agents.values()].some(({ tools }) => tools.some(({ name }) => name === toolName));
  }

  /** @throws Terminal where the agent has no such tool. */
  find(agentName: string, toolName: string): { agent: Agent; tool: Tool } {
    const agent = this.#agents.get(agentName);
    const tool = agent?.tools.find(({ name }) => name === toolName);
    if (!agent || !tool) throw new Terminal(`agent ${agentName} has no tool ${toolName}`);
    return { agent, tool };
  }

  context(call: Call, signal: AbortSignal): ToolContext {
    const { env, dynamodb } = this.#options;
    return { runId: call.runId, actionId: call.actionId, key: call.key ?? '', signal, env, dynamodb };
  }

  /** The state of what an action would change, where its tool can tell; arguments that do not parse have none. */
  async observe(agent: string, name: string, args: Json, call: Call): Promise<Observation | undefined> {
    const { tool } = this.find(agent, name);
    const parsed = tool.args.safeParse(args);
    if (!tool.observe || !parsed.success) return undefined;
    return tool.observe(parsed.data, this.context(call, AbortSignal.timeout(READ_MS)));
  }

  /** What the policy needs to know beside the arguments; undefined where it could not be found out. */
  async gather(agent: string, name: string, args: Json, call: Call): Promise<JsonObject | undefined> {
    const tool = this.#agents.get(agent)?.tools.find((candidate) => candidate.name === name);
    const parsed = tool?.args.safeParse(args);
    if (!tool?.gather || !parsed?.success) return undefined;
    return tool.gather(parsed.data, this.context(call, AbortSignal.timeout(READ_MS)));
  }
}
