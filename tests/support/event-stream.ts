/** Reads a stream of server-sent events. */
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { TestServer } from './test-server';

export interface StreamedEvent {
  id: string;
  data: Record<string, unknown>;
}

export interface EventStream {
  headers: IncomingHttpHeaders;
  /** Everything received so far. */
  readonly text: string;
  readonly ended: boolean;
  /** Resolves when the server has ended the stream. */
  end: Promise<void>;
  /** The next event of this type; earlier events of other types are passed over. */
  next(type: string): Promise<StreamedEvent>;
  /** Resolves when the text has arrived. */
  until(text: string): Promise<void>;
  /** Disconnects. */
  close(): Promise<void>;
}

/** Opens `/console/events`. @throws Error with the status when the server refuses. */
export async function openEvents(server: TestServer, headers: Record<string, string>): Promise<EventStream> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${server.baseUrl}/api/v1/console/events`, { headers, agent: false }, resolve).once('error', reject);
  });
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`The stream was refused with ${String(response.statusCode)}`);
  }
  let text = '';
  let read = 0;
  let ended = false;
  let wake: () => void = () => undefined;
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    wake();
  });
  response.on('error', () => undefined);
  const end = new Promise<void>((resolve) => {
    response.once('end', () => {
      ended = true;
      resolve();
    });
  });
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  const until = async (isThere: () => boolean) => {
    while (!isThere()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const stream: EventStream = {
    headers: response.headers,
    get text() {
      return text;
    },
    get ended() {
      return ended;
    },
    end,
    async next(type) {
      const form = new RegExp(`event: ${type}\\nid: (\\d+)\\ndata: (.*)\\n\\n`);
      await until(() => form.test(text.slice(read)));
      const match = form.exec(text.slice(read));
      const [whole = '', id = '', data = '{}'] = match ?? [];
      read += (match?.index ?? 0) + whole.length;
      return { id, data: JSON.parse(data) as Record<string, unknown> };
    },
    until: (wanted) => until(() => text.includes(wanted)),
    async close() {
      response.destroy();
      await closed;
    },
  };
  await stream.until('retry: ');
  return stream;
}
