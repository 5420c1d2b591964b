import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model of three lines, behind the interface of a real one, on 127.0.0.1: asks for the vault once, then says how it went. */
export async function startPorter(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { messages } = JSON.parse(Buffer.concat(chunks).toString()) as { messages: { role: string }[] };
    const told = messages.some(({ role }) => role === 'tool');
    const call = { name: 'open_door', arguments: '{"door":"vault"}' };
    const message = told
      ? { role: 'assistant', content: 'That is all.' }
      : {
          role: 'assistant',
          content: 'The vault.',
          tool_calls: [{ id: 'c1', type: 'function', function: call }],
        };
    const finish_reason = told ? 'stop' : 'tool_calls';
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    const choices = [{ index: 0, message, finish_reason }];
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(
        JSON.stringify({ id: 'x', object: 'chat.completion', created: 0, model: 'porter', choices, usage }),
      );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
