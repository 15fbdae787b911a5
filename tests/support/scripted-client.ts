/** A TriggerClient with a scripted transport. Its time passes only during its own sleeps. */
import {
  TriggerClient,
  type HttpRequest,
  type HttpResponse,
  type TriggerClientOptions,
} from '@dograh-trigger/shared';

/** One answer of the server, or a network error. */
export type Answer = HttpResponse | Error | ((request: HttpRequest) => HttpResponse | Promise<HttpResponse>);

export interface ScriptedClient {
  client: TriggerClient;
  requests: HttpRequest[];
  /** `POST /public/agent/u`: method and path below `/api/v1` of each request. */
  calls: () => string[];
  /** Seconds of each sleep. */
  pauses: number[];
}

export const baseUrl = 'https://api.example.test';

/** @param answers in their order; a request after the last one fails the test. */
export function scriptedClient(
  answers: Answer[],
  options: Partial<TriggerClientOptions> = {},
): ScriptedClient {
  const requests: HttpRequest[] = [];
  const pauses: number[] = [];
  let milliseconds = 0;
  const client = new TriggerClient(
    async (request) => {
      requests.push(request);
      const answer = answers[requests.length - 1];
      if (answer === undefined) throw new Error(`No answer for request ${String(requests.length)}`);
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? answer(request) : answer;
    },
    {
      baseUrl,
      random: () => 1,
      now: () => milliseconds,
      sleep: (duration) => {
        pauses.push(duration / 1000);
        milliseconds += duration;
        return Promise.resolve();
      },
      ...options,
    },
  );
  const calls = () => requests.map(({ method, url }) => `${method} ${url.replace(`${baseUrl}/api/v1`, '')}`);
  return { client, requests, calls, pauses };
}

/** A reply with a JSON body. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): HttpResponse {
  return text(status, JSON.stringify(value), { 'content-type': 'application/json', ...headers });
}

/** A reply with any body. */
export function text(status: number, body: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body };
}

/** The network error of a broken connection. */
export function broken(code: string): Error {
  return Object.assign(new Error(`connection failed with ${code}`), { code });
}
