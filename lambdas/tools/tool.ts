import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import type { Json, JsonObject } from '../json.ts';
import type { Tier } from '../policy/ruling.ts';

/**
 * How a tool may be repeated:
 * `safe` (a read; no intent is written), `keyed` (the downstream honours an idempotency key),
 * `never` (a second attempt could be a second effect).
 */
export type Replay = 'safe' | 'keyed' | 'never';

/** What a tool is given beside its arguments. */
export interface ToolContext {
  readonly runId: string;
  readonly actionId: string;
  /** The idempotency key: the same for every try of this action with these arguments. */
  readonly key: string;
  /** Aborted at the tool's deadline; pass it to every call to the outside. */
  readonly signal: AbortSignal;
  /** The environment of the tool's own function. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly dynamodb: DynamoDBDocumentClient;
}

/** The state of the thing an action would change, as the approver is shown it. */
export interface Observation {
  /** Changes whenever the target changes in a way that matters. */
  readonly version: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** What an action adds to the rolling sums of its agent, by who is paid and in which currency. */
export interface Counted {
  /** Whoever gets it, such as `customer:C-1001`. */
  readonly payee: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** Whether it happened; of what the downstream cannot say, why, for the people who are asked then. */
export type ReadBack =
  | { happened: true; result: Json }
  | { happened: false }
  | { happened: 'unknown'; why?: string };

export interface Tool<Args extends z.ZodObject = z.ZodObject> {
  /** Lower case with underscores; also the Cedar action's name. */
  readonly name: string;
  /** Part of the digest: raise it when the meaning of the arguments changes. */
  readonly version: number;
  /** For the model. */
  readonly description: string;
  /** A strict object; amounts are integers in minor units. The model's tool, the policy's schema and the page come from it. */
  readonly args: Args;
  readonly replay: Replay;
  /** The tier before policy raises it. */
  readonly tier: Tier;
  /** Its results carry text that strangers wrote: from then on the run counts as untrusted. @default false */
  readonly foreign?: boolean;
  /** How long one call may take, in seconds. @default 20 */
  readonly timeoutSeconds?: number;
  /** How long the downstream remembers a key, in hours; keyed tools only. @default 20 */
  readonly keyHours?: number;
  /** One line for people: what would happen, from the arguments alone. */
  readonly title: (args: z.infer<Args>) => string;
  /**
   * Does it. Throws {@link NothingHappened} where that is certain; whatever else it throws counts as *unknown*.
   * A business refusal that the model should hear is returned, not thrown.
   */
  readonly perform: (args: z.infer<Args>, context: ToolContext) => Promise<Json>;
  /** What must be found out before a ruling, for the policy's `context.facts`: schema, and reads that find it out. */
  readonly facts?: z.ZodObject;
  readonly gather?: (args: z.infer<Args>, context: ToolContext) => Promise<JsonObject>;
  /** By argument, the names that it should be one of, from the facts: what only looks like one of them is held (T17). */
  readonly known?: (args: z.infer<Args>, facts: JsonObject) => Readonly<Record<string, readonly string[]>>;
  /** What it adds to the sums that the policy reads as `context.counters`. @default it is not counted */
  readonly counts?: (args: z.infer<Args>) => Counted;
  readonly observe?: (args: z.infer<Args>, context: ToolContext) => Promise<Observation>;
  /** Asks the downstream whether it happened; what it throws counts as not knowing. */
  readonly readBack?: (args: z.infer<Args>, context: ToolContext) => Promise<ReadBack>;
}

/** Keeps the argument type between a tool's schema and its functions, then forgets it for the registry. */
export const defineTool = <Args extends z.ZodObject>(tool: Tool<Args>): Tool => tool as unknown as Tool;
