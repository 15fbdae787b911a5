/** The client's transport with Zapier's `z.request`. The app's middleware adds the API key. */
import { plainError, type PlainError, type Transport } from '@dograh-trigger/shared';
import type { ZObject } from 'zapier-platform-core';

export function zapierTransport(z: ZObject): Transport {
  return async ({ timeoutSeconds, signal, ...request }) => {
    // One timeout for the whole answer: `timeout` of z.request starts again for the body (node-fetch 2), which
    // doubles it.
    const deadline = AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000));
    const options = {
      ...request,
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      // Otherwise Zapier refuses `{{bundle.…}}` anywhere in the body, and prompts may contain any text.
      merge: false,
      // Zapier would send the custom headers, including the API key, to the target of a redirect.
      redirect: 'manual' as const,
      skipThrowForStatus: true,
    };
    try {
      const response = await z.request(options);
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: response.content,
      };
    } catch (error) {
      throw deadline.aborted ? timedOut(timeoutSeconds) : withoutAddress(plainError(error));
    }
  };
}

function timedOut(timeoutSeconds: number): PlainError {
  const message = `no whole answer within ${Math.ceil(timeoutSeconds)} s`;
  return plainError({ code: 'ETIMEDOUT', message });
}

/**
 * Removes the address from node-fetch's message. A query may contain a phone number, encoded so that redaction does
 * not recognize it. If there is a system error code, it replaces the message.
 */
function withoutAddress({ code, message }: PlainError): PlainError {
  return plainError({ code, message: code ? 'the connection failed' : message.replace(/\?\S*/, '') });
}
