import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Agent } from '../lambdas/agents/agent.ts';
import type { Tool } from '../lambdas/tools/tool.ts';
import { timeoutMs } from '../lambdas/tools/tool-box.ts';
import { TIME_LIMITS } from './time-limits.ts';

export interface Access {
  readonly environment?: Readonly<Record<string, string>>;
  readonly grant?: (grantee: IGrantable) => void;
}

/** What a tool's code needs beside its arguments. */
export interface ToolAccess {
  /** For its own function alone, which is the only place where it has effects. */
  readonly effects?: Access;
  /** Reads: for its own function, for Plan where the tool gathers facts, and for Hold where it observes. */
  readonly reads?: Access;
}

export type AccessOf = Readonly<Record<string, ToolAccess>>;

/** Every tool of these agents once. @throws Error where two tools have one name, or a deadline is too late. */
export function toolsOf(agents: readonly Agent[]): readonly Tool[] {
  const tools = new Map<string, Tool>();
  for (const tool of agents.flatMap((agent) => agent.tools)) {
    const other = tools.get(tool.name);
    if (other && other !== tool) throw new Error(`tool ${tool.name}: there are two of this name`);
    checkDeadline(tool);
    tools.set(tool.name, tool);
  }
  return [...tools.values()];
}

/** Looking at the world twice, and the journal. */
const CHECKS_SECONDS = 30;
/** A read is repeated; an effect is tried once, and may have been asked about before. */
const MOST_CALLS = { safe: 3, keyed: 2, never: 2 };

/** Tool deadline < function's time limit < state's: an attempt that was given up must not run on unseen. */
function checkDeadline(tool: Tool): void {
  const seconds = timeoutMs(tool) / 1000;
  const most = Math.floor((TIME_LIMITS.perform.function - CHECKS_SECONDS) / MOST_CALLS[tool.replay]);
  if (seconds > most)
    throw new Error(`tool ${tool.name}: timeoutSeconds is ${seconds}, and may be ${most} at most`);
}

/** What several tools are given, as one. @throws Error where they disagree on a variable. */
export function environmentOf(accesses: readonly (Access | undefined)[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of accesses.flatMap((access) => Object.entries(access?.environment ?? {}))) {
    if (environment[name] !== undefined && environment[name] !== value)
      throw new Error(`the tools disagree on the environment variable ${name}`);
    environment[name] = value;
  }
  return environment;
}

export function grantAll(grantee: IGrantable, accesses: readonly (Access | undefined)[]): void {
  for (const grant of new Set(accesses.map((access) => access?.grant))) grant?.(grantee);
}
