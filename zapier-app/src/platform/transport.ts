/** The client's transport over Zapier's `z.request`. The API key is added by the app's middleware. */
import { plainError, type PlainError, type Transport } from '@dograh-trigger/shared';
import type { ZObject } from 'zapier-platform-core';

export function zapierTransport(z: ZObject): Transport {
  return async ({ timeoutSeconds, signal, ...request }) => {
    // One limit for the whole answer: `timeout` of z.request begins anew for the body (node-fetch 2), which doubles it.
    const deadline = AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000));
    const options = {
      ...request,
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      // Without it Zapier refuses `{{bundle.…}}` anywhere in the body, and prompts may say anything.
      merge: false,
      // Zapier sends custom headers, the API key among them, along to wherever a redirect points.
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
 * node-fetch names the whole address, and a query may hold a phone number, encoded so that nothing recognizes it. Where the
 * system has a code for what happened, that says as much as its words.
 */
function withoutAddress({ code, message }: PlainError): PlainError {
  return plainError({ code, message: code ? 'the connection failed' : message.replace(/\?\S*/, '') });
}
