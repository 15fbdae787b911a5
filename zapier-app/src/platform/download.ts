/** Fetches a file from the server or from the storage that the server sends us on to. */
import { isTriggerError, plainError, TriggerError } from '@dograh-trigger/shared';
import type { RawHttpResponse, ZObject } from 'zapier-platform-core';
import { stepSeconds, type Deadline } from './deadline';

const maximumRedirects = 5;

/**
 * Hands a file to Zapier, whole within the time of the step.
 *
 * @returns Zapier's own address of it.
 * @throws TriggerError
 */
export async function stashDownload(z: ZObject, url: string, deadline: Deadline): Promise<string> {
  // The typings do not say that it is a promise.
  return withinDeadline(deadline, (signal) => Promise.resolve(z.stashFile(openDownload(z, url, signal))));
}

/** The text of a file, within the time of the step. @throws TriggerError */
export async function downloadText(z: ZObject, url: string, deadline: Deadline): Promise<string> {
  return withinDeadline(deadline, async (signal) => (await openDownload(z, url, signal)).text());
}

async function withinDeadline<T>(deadline: Deadline, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = deadline.signal();
  try {
    return await read(signal);
  } catch (error) {
    if (isTriggerError(error)) throw error;
    throw unavailable(
      signal.aborted ? `the ${stepSeconds} seconds of this step are used up` : plainError(error).message,
    );
  }
}

/**
 * Goes from redirect to redirect by itself, so that each request passes the middleware that adds the API key for the
 * connection's own server alone. What follows a redirect by default takes the key along to the storage.
 *
 * @param signal ends the reading of the file, too.
 */
async function openDownload(z: ZObject, url: string, signal: AbortSignal): Promise<RawHttpResponse> {
  const options = {
    raw: true as const,
    redirect: 'manual' as const,
    merge: false,
    skipThrowForStatus: true,
    signal,
  };
  let address = url;
  for (let redirects = 0; redirects <= maximumRedirects; redirects += 1) {
    const response = await z.request({ ...options, url: address });
    if (response.status === 200) return response;
    const location = response.getHeader('location');
    if (response.status < 300 || response.status > 399 || !location || !URL.canParse(location, address)) {
      throw badStatus(response.status);
    }
    address = new URL(location, address).href;
  }
  throw new TriggerError({ code: 'server', message: 'The file is behind too many redirects.' });
}

/** Without the addresses that node-fetch names: a token in them opens the file. */
function unavailable(reason: string): TriggerError {
  const safeReason = reason.replace(/https?:\/\/\S+/g, 'its address').replace(/\.$/, '');
  return new TriggerError({ code: 'unreachable', message: `The file cannot be downloaded: ${safeReason}.` });
}

function badStatus(status: number): TriggerError {
  const isGone = status === 404 || status === 410;
  return new TriggerError({
    code: isGone ? 'not_found' : 'server',
    message: `The file cannot be downloaded: its server answered ${status}.`,
    status,
  });
}
