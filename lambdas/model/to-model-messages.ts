import type { AssistantModelMessage, JSONValue, ModelMessage, ToolModelMessage } from 'ai';
import type { Json } from '../json.ts';
import type { Message } from './model.ts';

/** Our conversation in the AI SDK's words; the results of one turn travel in one message. */
export const toModelMessages = (messages: readonly Message[]): ModelMessage[] => {
  const converted: ModelMessage[] = [];
  for (const message of messages) {
    if (message.role === 'user') converted.push({ role: 'user', content: message.text });
    if (message.role === 'assistant') converted.push(assistantMessage(message));
    if (message.role === 'tool') {
      const last = converted.at(-1);
      if (last?.role === 'tool') last.content.push(toolResult(message));
      else converted.push({ role: 'tool', content: [toolResult(message)] });
    }
  }
  return converted;
};

type Said<Role extends Message['role']> = Extract<Message, { role: Role }>;

const assistantMessage = ({ text, calls }: Said<'assistant'>): AssistantModelMessage => ({
  role: 'assistant',
  content: [
    // Providers refuse empty text.
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...calls.map(({ id, tool, args }) => ({
      type: 'tool-call' as const,
      toolCallId: callId(id),
      toolName: toolName(tool),
      input: isObject(args) ? args : { malformed: args },
    })),
  ],
});

const toolResult = ({ id, tool, result, failed }: Said<'tool'>): ToolModelMessage['content'][number] => ({
  type: 'tool-result',
  toolCallId: callId(id),
  toolName: toolName(tool),
  output:
    typeof result === 'string'
      ? { type: failed ? 'error-text' : 'text', value: result }
      : { type: failed ? 'error-json' : 'json', value: result as JSONValue },
});

// Anthropic and Bedrock want ids and names of [A-Za-z0-9_-], and arguments that are objects, in the history too:
// what a model once got wrong must not get every later request refused.
const callId = (actionId: string): string => `call_${actionId.replaceAll('.', '_')}`;
const toolName = (name: string): string => name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || 'unnamed';
const isObject = (args: Json): boolean => typeof args === 'object' && args !== null && !Array.isArray(args);
