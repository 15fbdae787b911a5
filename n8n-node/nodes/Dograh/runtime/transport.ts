/** The client's transport over n8n's HTTP helper: proxy settings, SSRF policy and the credential are n8n's. */
import { plainError, type HttpRequest, type Transport } from '@dograh-trigger/shared';
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
  /** What n8n signs the request with. Without it n8n takes the credential as it is for the first item. */
  credential?: ICredentialDataDecryptedObject;
}

/**
 * Sends with the node's `dograhApi` credential. While a node executes, n8n puts the execution's own cancel
 * signal in the place of the request's.
 */
export function n8nTransport(context: RequestContext, options: TransportOptions = {}): Transport {
  return async (request) => {
    const { statusCode, headers, body } = await send(context, request, options);
    return {
      status: statusCode,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), headerText(value)]),
      ),
      // Always text from a server; n8n's evaluations answer in its place with parsed JSON.
      body: typeof body === 'string' ? body : JSON.stringify(body),
    };
  };
}

async function send(
  context: RequestContext,
  request: HttpRequest,
  { ignoreSslIssues, credential }: TransportOptions,
): Promise<IN8nHttpFullResponse> {
  // Built anew for each try: the helper changes the object it is given.
  const options: IHttpRequestOptions = {
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    body: request.body,
    timeout: request.timeoutSeconds * 1000,
    abortSignal: request.signal,
    skipSslCertificateValidation: ignoreSslIssues ?? false,
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
    // n8n sends custom headers, the API key among them, along to wherever a redirect points.
    disableFollowRedirect: true,
    // Without it axios parses whatever looks like JSON, which loses the exact text.
    encoding: 'text',
  };
  try {
    return (await context.helpers.httpRequestWithAuthentication.call(
      context,
      'dograhApi',
      options,
      credential && { credentialsDecrypted: { ...credentialOf(context), data: credential } },
    )) as IN8nHttpFullResponse;
  } catch (error) {
    // n8n wraps what the network threw, and replaces its text with canned advice ("enable Retry on Fail", the wrong
    // one after a dial). The cause is the original, with the request and its key on it: throw only a clean copy.
    throw blockedByN8n(error) ?? plainError(networkError(error));
  }
}

/**
 * What the network threw. n8n 2.33 forgets the cause of its own errors. It keeps of it the text, and the code in the place of
 * a status.
 */
function networkError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.cause) return error.cause;
  if (!(error instanceof NodeApiError)) return error;
  const code = error.httpCode ?? undefined;
  return { message: error.messages[0] ?? error.message, code };
}

/** Which credential the node is set to. */
function credentialOf(context: RequestContext): Omit<ICredentialsDecrypted, 'data'> {
  const { id, name } = context.getNode().credentials?.dograhApi ?? { id: null, name: '' };
  return { id: id ?? '', name, type: 'dograhApi' };
}

/** What n8n's own protection against requests to internal addresses throws (`N8N_SSRF_PROTECTION_ENABLED`). */
const blockedNames: readonly unknown[] = ['SsrfBlockedIpError', 'SsrfBlockedHostnameError'];

/**
 * A request that n8n did not let out, in n8n's words and with the code by which the client knows that it never left.
 * Undefined for anything else.
 */
function blockedByN8n(error: unknown): Error | undefined {
  // The network library wraps it, and n8n wraps that.
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
