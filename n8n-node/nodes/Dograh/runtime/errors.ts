/** The one place where what went wrong becomes what n8n shows. */
import {
  hasUntrustedCertificate,
  isTriggerError,
  type TriggerError,
  type TriggerErrorCode,
} from '@dograh-trigger/shared';
import {
  NodeApiError,
  NodeOperationError,
  type IDataObject,
  type IExecuteFunctions,
  type INode,
} from 'n8n-workflow';

type NodeError = NodeApiError | NodeOperationError;

/** What was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error || isTriggerError(thrown) ? thrown : new Error(String(thrown));
}

/**
 * An error for n8n, whatever was thrown.
 *
 * @param itemIndex the item it belongs to; left out for lists, which have no items.
 */
export function toNodeError(node: INode, error: unknown, itemIndex?: number): NodeError {
  if (isTriggerError(error)) return fromTriggerError(node, error, itemIndex);
  return new NodeOperationError(node, asError(error), { itemIndex });
}

function fromTriggerError(node: INode, error: TriggerError, itemIndex: number | undefined): NodeError {
  const nodeError =
    error.status === undefined
      ? new NodeOperationError(node, error.message, { itemIndex })
      : // An empty reply: given the real one, n8n would look for texts in it and prefer its own.
        new NodeApiError(node, {}, { message: error.message, httpCode: String(error.status), itemIndex });
  // Set after construction: there n8n replaces a message with letters such as EPERM anywhere in it by one about files.
  nodeError.message = itemMessage(error, itemIndex);
  nodeError.description = describe(error);
  return nodeError;
}

/** What stands below the message: which field helps, and what was asked of which address. */
function describe(error: TriggerError): string | undefined {
  const parts = [adviceFor(error), error.exchange].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' ');
}

function adviceFor(error: TriggerError): string | undefined {
  if (isOtherWait(error)) return undefined;
  if (hasUntrustedCertificate(error)) return certificateAdvice;
  return fieldAdvice[error.code];
}

const certificateAdvice =
  'For a certificate of your own authority, start n8n with NODE_EXTRA_CA_CERTS and the file of the authority. ' +
  'Ignore SSL Issues in the credential accepts any certificate, and whoever is on the way can then read the API key.';

/**
 * Which field of n8n helps, shown below the message. The message is complete without it: a tool's model is not given
 * a description.
 */
const fieldAdvice: Partial<Record<TriggerErrorCode, string>> = {
  busy: 'The option Wait When Busy of Place, and of Place and Wait, waits for a free slot.',
  invalid_key: 'Check the API Key of the credential.',
  telephony: 'Check the options Telephony Configuration and Caller ID.',
  unexpected_response: 'Check the Base URL of the credential.',
  unreachable: 'Check the Base URL of the credential.',
  wait_timeout: 'Raise the option Max Wait, or let When Max Wait Is Over return the call as it is.',
};

/** What is waited for is no call slot: a carrier or a server that is away or has too much to do for a moment. */
function isOtherWait({ code, status, problemCode }: TriggerError): boolean {
  return code === 'busy' && (status !== 429 || problemCode === 'rate_limited');
}

/**
 * The output of an item that did not work, when the node continues on fail: the item as it came in, and what went
 * wrong under one key. n8n sends an item to the error branch, and merges the input into it, only if it has `error`
 * alone (before 2.34.4 not even with `details` beside it).
 */
export function failureOutput(context: IExecuteFunctions, error: unknown, itemIndex: number): IDataObject {
  const hasErrorBranch = context.getNode().onError === 'continueErrorOutput';
  const input = hasErrorBranch ? {} : context.getInputData()[itemIndex]?.json;
  if (!isTriggerError(error)) {
    return { ...input, error: { message: asError(error).message } };
  }
  const { code, status, detail, retryAfterSeconds, runId } = error;
  return {
    ...input,
    error: {
      message: itemMessage(error, itemIndex),
      code,
      http_status: status,
      description: detail,
      retry_after_seconds: retryAfterSeconds,
      run_id: runId,
    },
  };
}

function itemMessage(error: TriggerError, itemIndex: number | undefined): string {
  return itemIndex === undefined ? error.message : `${error.message} [item ${String(itemIndex)}]`;
}
