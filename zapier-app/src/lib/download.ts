/** Fetches a file from the server or from the storage that the server sends us on to. */
import { plainError, TriggerError } from '@dograh-trigger/shared';
import type { RawHttpResponse, ZObject } from 'zapier-platform-core';
import { stepSeconds } from './deadline';

const maximumRedirects = 5;

/**
 * Goes from redirect to redirect by itself, so that each request passes the middleware that adds the API key for the
 * connection's own server alone. What follows a redirect by default takes the key along to the storage.
 *
 * @throws TriggerError
 */
export async function openDownload(z: ZObject, url: string): Promise<RawHttpResponse> {
  let address = url;
  for (let redirects = 0; redirects <= maximumRedirects; redirects += 1) {
    const response = await request(z, address);
    if (response.status === 200) return response;
    const location = response.getHeader('location');
    if (response.status < 300 || response.status > 399 || !location || !URL.canParse(location, address)) {
      throw refused(response.status);
    }
    address = new URL(location, address).href;
  }
  throw new TriggerError({ code: 'server', message: 'The file is behind too many redirects.' });
}

async function request(z: ZObject, url: string): Promise<RawHttpResponse> {
  const options = {
    url,
    raw: true as const,
    redirect: 'manual' as const,
    merge: false,
    skipThrowForStatus: true,
    timeout: stepSeconds * 1000,
  };
  try {
    return await z.request(options);
  } catch (error) {
    // Without the address, whose token opens the file.
    const { code = 'no answer' } = plainError(error);
    throw new TriggerError({ code: 'unreachable', message: `The file cannot be downloaded: ${code}.` });
  }
}

function refused(status: number): TriggerError {
  const isGone = status === 404 || status === 410;
  return new TriggerError({
    code: isGone ? 'not_found' : 'server',
    message: `The file cannot be downloaded: its server answered ${status}.`,
    status,
  });
}
