/** The trigger client in a browser. Import it lazily, and by `place-call.ts`: it is half as large as the first screen. */
import {
  plainError,
  TriggerClient,
  type CallRequest,
  type PlacedCall,
  type Transport,
} from '@dograh-trigger/shared';
import { send } from './http';

/** With the session's cookie in place of an API key. */
const transport: Transport = async ({ method, url, headers, body, timeoutSeconds, signal }) => {
  const deadline = AbortSignal.timeout(timeoutSeconds * 1000);
  const limits = AbortSignal.any(signal === undefined ? [deadline] : [signal, deadline]);
  try {
    const answer = await send(url, { method, headers, body, signal: limits });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: answer.text };
  } catch (error) {
    throw plainError(error);
  }
};

/** @throws TriggerError */
export function placeWithClient(call: CallRequest): Promise<PlacedCall> {
  const client = new TriggerClient(transport, {
    baseUrl: window.location.origin,
    // The option protects an API key, and no key is sent.
    allowInsecure: true,
    sleep: (milliseconds) => new Promise((resolve) => window.setTimeout(resolve, milliseconds)),
  });
  return client.triggerCall(call);
}
