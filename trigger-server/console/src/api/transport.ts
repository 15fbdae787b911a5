/** How the trigger client sends its requests from the console: with the session's cookie, like `http.ts`. */
import type { Transport } from '@dograh-trigger/shared';
import { csrfHeaders } from './http';

export const sessionTransport: Transport = async ({ method, url, headers, body, timeoutSeconds, signal }) => {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(method === 'GET' ? {} : csrfHeaders()) },
    ...(body === undefined ? {} : { body }),
    credentials: 'same-origin',
    redirect: 'manual',
    signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
};
