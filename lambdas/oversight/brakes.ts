import type { BrakeRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';

/** Brakes are read consistently, at Plan and right before every effect (T30). */

/** The brake that stops this, where one is on. */
export async function brakeOn(
  rows: Rows,
  what: { readonly runId: string; readonly agent: string; readonly tool: string },
): Promise<BrakeRow | undefined> {
  const [brake] = await rows.getAll('brake', [...scopesOf(what), `tool:${what.tool}`]);
  return brake;
}

/** What the brakes that are on stop of a run. */
export interface Stopped {
  /** Everything. */
  readonly whole: boolean;
  /** Those of the given tools that are stopped by themselves. */
  readonly tools: ReadonlySet<string>;
}

/** What is stopped of a run and of these tools. */
export async function stoppedOf(
  rows: Rows,
  what: { readonly runId: string; readonly agent: string; readonly tools: readonly string[] },
): Promise<Stopped> {
  const whole = scopesOf(what);
  const tools = new Map([...new Set(what.tools)].map((tool) => [`tool:${tool}`, tool]));
  const brakes = await rows.getAll('brake', [...whole, ...tools.keys()]);
  return {
    whole: brakes.some(({ id }) => whole.includes(id)),
    tools: new Set(brakes.flatMap(({ id }) => tools.get(id) ?? [])),
  };
}

const scopesOf = ({ runId, agent }: { readonly runId: string; readonly agent: string }) => [
  'all',
  `agent:${agent}`,
  `run:${runId}`,
];

/** What a brake may be set on. */
export const BRAKE_SCOPE = /^(all|(agent|tool|run):[A-Za-z0-9_-]{1,64})$/;
