import type { LanguageModel, ToolSet } from 'ai';
import { Retryable, Terminal } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Model, ModelAnswer, ModelRequest } from './model.ts';
import { toModelMessages } from './to-model-messages.ts';

/**
 * A model behind the AI SDK. `load` brings in the provider's package with the first request, so that nothing is
 * loaded that is not used.
 */
export const createAiSdkModel = (name: string, load: () => Promise<LanguageModel>): Model => {
  let loaded: Promise<LanguageModel> | undefined;
  return {
    name,
    next: async (request) => {
      loaded ??= load();
      try {
        return await beforeAbort(request.signal, ask(await loaded, request));
      } catch (error) {
        const { toModelError } = await import('./model-error.ts');
        throw toModelError(error, request.signal);
      }
    },
  };
};

const ask = async (model: LanguageModel, request: ModelRequest): Promise<ModelAnswer> => {
  const { generateText, jsonSchema, tool } = await import('ai');
  // Without `execute` a call is only reported; without `validate` its arguments come back as they are, and what
  // is not JSON comes back as text: refusing them is up to our own gate.
  const tools: ToolSet = Object.fromEntries(
    request.tools.map(({ name, description, parameters }) => [
      name,
      tool({ description, inputSchema: jsonSchema(parameters) }),
    ]),
  );
  const { text, toolCalls, usage } = await generateText({
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
  return {
    text,
    calls: toolCalls.map(({ toolName, input }) => ({ tool: toolName, args: input as Json })),
    usage: { input: usage.inputTokens ?? 0, output: usage.outputTokens ?? 0 },
  };
};

/** A provider may overlook the signal, while it looks for credentials for instance. */
const beforeAbort = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(new Retryable('The model did not answer in time'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
