/** Downloads files of a run. Their addresses contain a token and redirect to a storage host, so no API key is sent. */
import { plainError, TriggerError } from '@dograh-trigger/shared';
import type { IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

/** A recording of 20 minutes has 40 MB. */
const timeoutMilliseconds = 300_000;

/**
 * @param ignoreSslIssues whether a certificate that cannot be verified is accepted.
 * @returns the file's bytes. @throws TriggerError
 */
export async function download(
  context: IExecuteFunctions,
  url: string,
  ignoreSslIssues: boolean,
): Promise<Buffer> {
  const { statusCode, body } = await request(context, url, ignoreSslIssues);
  if (statusCode === 200) return Buffer.isBuffer(body) ? body : Buffer.from(body as ArrayBuffer);
  throw new TriggerError({
    code: statusCode === 404 ? 'not_found' : 'server',
    message: `The download answered ${String(statusCode)}. Read the call again for a fresh address; if it stays, look at the server’s log.`,
    status: statusCode,
  });
}

function request(
  context: IExecuteFunctions,
  url: string,
  skipSslCertificateValidation: boolean,
): Promise<IN8nHttpFullResponse> {
  const options: IHttpRequestOptions = {
    url,
    encoding: 'arraybuffer',
    timeout: timeoutMilliseconds,
    skipSslCertificateValidation,
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
    abortSignal: context.getExecutionCancelSignal(),
  };
  return context.helpers.httpRequest(options).catch((error: unknown) => {
    const cause = plainError(error instanceof Error && error.cause ? error.cause : error);
    throw new TriggerError({
      code: 'unreachable',
      message: `The file cannot be downloaded: ${cause.message}. Check that n8n can reach the server’s storage.`,
      cause,
    });
  }) as Promise<IN8nHttpFullResponse>;
}
