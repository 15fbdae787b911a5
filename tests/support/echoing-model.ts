/** An OpenAI-compatible endpoint on 127.0.0.1 whose model repeats what the callee has said. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EchoingModel {
  /** For `LLM_BASE_URL`. */
  baseUrl: string;
  /** What the callee had said last, by request to the model; null for a request for values. */
  asked: (string | null)[];
  /** The next reply to what was said never comes. Resolves when it was asked for. */
  holdNext(): Promise<void>;
  close(): Promise<void>;
}

export async function startEchoingModel(): Promise<EchoingModel> {
  const asked: (string | null)[] = [];
  let hold: (() => void) | undefined;
  const server = createServer((request, reply) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as {
        stream?: boolean;
        messages: { role: string; content: string | null }[];
      };
      if (body.stream !== true) {
        asked.push(null);
        reply.setHeader('content-type', 'application/json');
        reply.end(
          JSON.stringify({
            choices: [{ message: { role: 'assistant', content: '{}' }, finish_reason: 'stop' }],
          }),
        );
        return;
      }
      const said = body.messages.findLast(({ role }) => role === 'user')?.content ?? '';
      asked.push(said);
      if (hold !== undefined) {
        hold();
        hold = undefined;
        return;
      }
      const chunk = { choices: [{ index: 0, delta: { content: `You said: ${said}` }, finish_reason: null }] };
      const last = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
      reply.setHeader('content-type', 'text/event-stream');
      reply.end(
        [JSON.stringify(chunk), JSON.stringify(last), '[DONE]'].map((line) => `data: ${line}\n\n`).join(''),
      );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${String(port)}/v1`,
    asked,
    holdNext: () =>
      new Promise((resolve) => {
        hold = resolve;
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
