import { generateText, jsonSchema, type LanguageModel, type ToolSet, tool } from 'ai';
import { Terminal } from '../errors.ts';
import type { Json } from '../json.ts';
import type { ModelAnswer, ModelRequest } from './model.ts';
import { toModelMessages } from './to-model-messages.ts';

const HALF: { readonly [reason: string]: string | undefined } = {
  length: 'The model was cut off at its most tokens for one answer',
  'content-filter': 'The model’s provider has kept back a part of the answer',
};

/** One request to a model by the AI SDK. Loaded with the first one. */
export const ask = async (model: LanguageModel, request: ModelRequest): Promise<ModelAnswer> => {
  // Without `execute` a call is only reported; without `validate` its arguments come back as they are, and what
  // is not JSON comes back as text: refusing them is up to our own gate.
  const tools: ToolSet = Object.fromEntries(
    request.tools.map(({ name, description, parameters }) => [
      name,
      tool({ description, inputSchema: jsonSchema(parameters) }),
    ]),
  );
  const { text, toolCalls, usage, finishReason } = await generateText({
    model,
    instructions: request.instructions,
    messages: toModelMessages(request.messages),
    tools,
    toolChoice: 'auto',
    maxRetries: 0,
    abortSignal: request.signal,
    telemetry: { isEnabled: false },
  });
  if (text.trim() === '' && toolCalls.length === 0) throw new Terminal('The model gave an empty answer');
  // Half of an answer is none. Of calls, one that was cut off is no JSON, and refused by our own gate.
  const half = HALF[finishReason];
  if (half !== undefined && toolCalls.length === 0) throw new Terminal(half);
  return {
    text,
    calls: toolCalls.map(({ toolName, input }) => ({ tool: toolName, args: input as Json })),
    usage: { input: usage.inputTokens ?? 0, output: usage.outputTokens ?? 0 },
  };
};
