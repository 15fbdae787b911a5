/** Downloads a file from the server, or from the storage that the server redirects to. */
import { isTriggerError, plainError, TriggerError } from '@dograh-trigger/shared';
import type { RawHttpResponse, ZObject } from 'zapier-platform-core';
import { stepSeconds, type Deadline } from './deadline';

const maximumRedirects = 5;

/**
 * Stores a file at Zapier, within the deadline of the step.
 *
 * @returns Zapier's address of the stored file.
 * @throws TriggerError
 */
export async function stashDownload(z: ZObject, url: string, deadline: Deadline): Promise<string> {
  // It returns a promise, contrary to its typings.
  return withinDeadline(deadline, (signal) => Promise.resolve(z.stashFile(openDownload(z, url, signal))));
}

/** The text of a file, read within the deadline of the step. @throws TriggerError */
export async function downloadText(z: ZObject, url: string, deadline: Deadline): Promise<string> {
  return withinDeadline(deadline, async (signal) => (await openDownload(z, url, signal)).text());
}

/**
 * The bytes of a file, read within the deadline of the step.
 *
 * @param most how many bytes it may have.
 * @throws TriggerError `invalid_input` for a longer file, of which no more is read.
 */
export async function downloadBytes(
  z: ZObject,
  url: string,
  deadline: Deadline,
  most: number,
): Promise<Buffer> {
  return withinDeadline(deadline, async (signal) => {
    const stop = new AbortController();
    const { body } = await openDownload(z, url, AbortSignal.any([signal, stop.signal]));
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      const part = Buffer.from(chunk);
      bytes += part.length;
      if (bytes > most) {
        // Leaving the loop alone would not close the connection.
        stop.abort();
        const message = `The file has more than ${String(Math.floor(most / 1024 / 1024))} MB.`;
        throw new TriggerError({ code: 'invalid_input', message });
      }
      chunks.push(part);
    }
    return Buffer.concat(chunks);
  });
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
 * Follows redirects itself, so that the middleware runs for each request and adds the API key only for the
 * connection's own server. The automatic redirect would send the key to the storage.
 *
 * @param signal also aborts the reading of the body.
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

/** Removes the addresses from node-fetch's message, because they contain the token for the file. */
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
