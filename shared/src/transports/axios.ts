/** The transport for Node programs, with axios. */
import { setTimeout as delay } from 'node:timers/promises';
import axios, { type AxiosRequestConfig } from 'axios';
import { cleanApiKey } from '../forms/api-key';
import { plainError } from '../plain-error';
import type { HttpResponse, Transport } from '../client/transport';

export interface AxiosTransportOptions {
  /** Sent as `X-API-Key`. */
  apiKey: string;
  /** Options for reaching the server: HTTP agents or a proxy. */
  axios?: Pick<AxiosRequestConfig, 'httpAgent' | 'httpsAgent' | 'proxy'>;
}

/** Far above the size of a run with long logs. */
const maximumBodyBytes = 32 * 1024 * 1024;

/**
 * A Transport over axios: bodies stay text in both directions, every status is a value, redirects are not followed.
 * @throws TriggerError `invalid_key` for a key that cannot be sent.
 */
export function axiosTransport({ apiKey, axios: options }: AxiosTransportOptions): Transport {
  const key = cleanApiKey(apiKey);
  return async ({ method, url, headers, body, timeoutSeconds, signal }) => {
    // axios' own timeout measures inactivity only, so a slow reply could last for ever.
    const deadline = AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000));
    try {
      const response = await axios.request<string>({
        ...options,
        method,
        url,
        headers: { ...headers, 'X-API-Key': key },
        data: body,
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        transformRequest: (data: unknown) => data,
        transformResponse: (data: unknown) => data,
        validateStatus: () => true,
        maxRedirects: 0,
        maxContentLength: maximumBodyBytes,
      });
      return { status: response.status, headers: joinHeaders(response.headers), body: response.data };
    } catch (error) {
      if (!deadline.aborted) throw plainError(error);
      throw plainError({
        code: 'ETIMEDOUT',
        message: `no whole answer within ${String(timeoutSeconds)} seconds`,
      });
    }
  };
}

/** Waits; rejects as soon as the signal is aborted. The `sleep` of a client in a Node program. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal });
}

function joinHeaders(headers: object): HttpResponse['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]: [string, unknown]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  );
}
