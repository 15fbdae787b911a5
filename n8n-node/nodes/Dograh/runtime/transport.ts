/** The client's transport with n8n's HTTP helper, which applies n8n's proxy settings, SSRF policy and credential. */
import { plainError, type HttpRequest, type HttpResponse, type Transport } from '@dograh-trigger/shared';
import {
  NodeApiError,
  type ICredentialDataDecryptedObject,
  type ICredentialsDecrypted,
  type IExecuteFunctions,
  type IHookFunctions,
  type IHttpRequestOptions,
  type ILoadOptionsFunctions,
  type IN8nHttpFullResponse,
  type IPollFunctions,
  type IWebhookFunctions,
} from 'n8n-workflow';

/** The contexts of n8n in which these nodes send requests. */
export type RequestContext =
  IExecuteFunctions | IHookFunctions | ILoadOptionsFunctions | IPollFunctions | IWebhookFunctions;

export interface TransportOptions {
  /** Whether a certificate that cannot be verified is accepted. */
  ignoreSslIssues?: boolean;
  /** The credential for the request. Without it n8n evaluates the credential for the first item. */
  credential?: ICredentialDataDecryptedObject;
}

/**
 * Sends with the node's `dograhApi` credential. During an execution n8n replaces the request's signal by the
 * execution's own cancel signal.
 */
export function n8nTransport(context: RequestContext, options: TransportOptions = {}): Transport {
  const { ignoreSslIssues, credential } = options;
  return async (request) =>
    responseOf(
      context.helpers.httpRequestWithAuthentication.call(
        context,
        'dograhApi',
        requestOptions(request, ignoreSslIssues),
        credential && { credentialsDecrypted: { ...credentialOf(context), data: credential } },
      ),
    );
}

/** Sends without the API key, for files that go to another host than the API. */
export function n8nUpload(context: RequestContext, ignoreSslIssues: boolean): Transport {
  return (request) => responseOf(context.helpers.httpRequest(requestOptions(request, ignoreSslIssues)));
}

/** New for each request, because the helper changes this object. */
function requestOptions(request: HttpRequest, ignoreSslIssues = false): IHttpRequestOptions {
  return {
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    body: request.body,
    timeout: request.timeoutSeconds * 1000,
    abortSignal: request.signal,
    skipSslCertificateValidation: ignoreSslIssues,
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
    // n8n would send the custom headers, including the API key, to the target of a redirect.
    disableFollowRedirect: true,
    // Otherwise axios parses text that looks like JSON, and the exact text is lost.
    encoding: 'text',
  };
}

async function responseOf(reply: Promise<unknown>): Promise<HttpResponse> {
  try {
    const { statusCode, headers, body } = (await reply) as IN8nHttpFullResponse;
    return {
      status: statusCode,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), headerText(value)]),
      ),
      // A server's body is always text. Mocked replies of n8n's evaluations are parsed JSON.
      body: typeof body === 'string' ? body : JSON.stringify(body),
    };
  } catch (error) {
    // n8n wraps the network error and replaces its message by general advice, such as "enable Retry on Fail", which
    // is wrong after a dial. The cause is the original error, with the request and its key: throw only a clean copy.
    throw blockedByN8n(error) ?? plainError(networkError(error));
  }
}

/**
 * The original network error. n8n 2.33 drops the cause: it keeps only its message, and its code in place of a
 * status.
 */
function networkError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.cause) return error.cause;
  if (!(error instanceof NodeApiError)) return error;
  const code = error.httpCode ?? undefined;
  return { message: error.messages[0] ?? error.message, code };
}

/** The credential that is selected in the node. */
function credentialOf(context: RequestContext): Omit<ICredentialsDecrypted, 'data'> {
  const { id, name } = context.getNode().credentials?.dograhApi ?? { id: null, name: '' };
  return { id: id ?? '', name, type: 'dograhApi' };
}

/** Errors of n8n's own protection against requests to internal addresses (`N8N_SSRF_PROTECTION_ENABLED`). */
const blockedNames: readonly unknown[] = ['SsrfBlockedIpError', 'SsrfBlockedHostnameError'];

/**
 * The error of a request that n8n blocked: n8n's message, and the code by which the client knows that nothing was
 * sent. Undefined for any other error.
 */
function blockedByN8n(error: unknown): Error | undefined {
  // The error is wrapped by the network library and again by n8n.
  for (let depth = 0, link = error; depth < 5 && link instanceof Error; depth += 1) {
    if (blockedNames.includes(link.name)) {
      const description =
        'description' in link && typeof link.description === 'string' ? link.description : '';
      return Object.assign(plainError(`${link.message}. ${description}`.replace(/[. ]+$/, '')), {
        code: 'ERR_BLOCKED_TARGET',
      });
    }
    link = link.cause;
  }
  return undefined;
}

function headerText(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}
