/** The client's transport over Zapier's `z.request`. The API key is added by the app's middleware. */
import type { Transport } from '@dograh-trigger/shared';
import type { ZObject } from 'zapier-platform-core';

export function zapierTransport(z: ZObject): Transport {
  return async ({ timeoutSeconds, ...request }) => {
    const options = {
      ...request,
      timeout: timeoutSeconds * 1000,
      // Without it Zapier refuses `{{bundle.…}}` anywhere in the body, and prompts may say anything.
      merge: false,
      // Zapier sends custom headers, the API key among them, along to wherever a redirect points.
      redirect: 'manual' as const,
      skipThrowForStatus: true,
    };
    const response = await z.request(options);
    return { status: response.status, headers: Object.fromEntries(response.headers), body: response.content };
  };
}
