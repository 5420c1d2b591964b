import type { Json } from '../json.ts';

/** One proposed call as the model made it: nothing about it has been checked. */
export interface ProposedCall {
  readonly tool: string;
  /** A JSON object where the model kept to its format; else whatever it said, so that the gate can refuse it. */
  readonly args: Json;
}

/** The conversation in our own words; adapters translate. `id` is the actionId. */
export type Message =
  | { readonly role: 'user'; readonly text: string }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly calls: readonly (ProposedCall & { readonly id: string })[];
    }
  | {
      readonly role: 'tool';
      readonly id: string;
      readonly tool: string;
      readonly result: Json;
      readonly failed: boolean;
    };

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (draft 2020-12) of the arguments. */
  readonly parameters: Record<string, unknown>;
}

export interface ModelRequest {
  /** Number of the turn that this call makes, from 1. */
  readonly turn: number;
  readonly instructions: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSpec[];
  readonly signal: AbortSignal;
}

export interface ModelAnswer {
  readonly text: string;
  /** Empty: the text is the run's answer. */
  readonly calls: readonly ProposedCall[];
  readonly usage: { readonly input: number; readonly output: number };
}

/**
 * One model. Throws `Retryable` (throttled, overloaded, unreachable, timed out) or `Terminal` (no access, refused
 * request, an answer that cannot be read); never hangs past the signal.
 */
export interface Model {
  /** As asked for, such as `bedrock:anthropic.claude-…` or `scripted:refund`. */
  readonly name: string;
  next(request: ModelRequest): Promise<ModelAnswer>;
}
