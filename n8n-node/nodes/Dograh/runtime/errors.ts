/** Converts errors to the errors and outputs of n8n. */
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

/** A thrown value as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error || isTriggerError(thrown) ? thrown : new Error(String(thrown));
}

/**
 * Any thrown value as an error for n8n.
 *
 * @param itemIndex the item that failed; absent for list searches, which have no items.
 */
export function toNodeError(node: INode, error: unknown, itemIndex?: number): NodeError {
  if (isTriggerError(error)) return fromTriggerError(node, error, itemIndex);
  return new NodeOperationError(node, asError(error), { itemIndex });
}

function fromTriggerError(node: INode, error: TriggerError, itemIndex: number | undefined): NodeError {
  const nodeError =
    error.status === undefined
      ? new NodeOperationError(node, error.message, { itemIndex })
      : // With an empty reply, because n8n would replace the message by text from a real one.
        new NodeApiError(node, {}, { message: error.message, httpCode: String(error.status), itemIndex });
  // Set after construction, because the constructor replaces a message that contains letters such as EPERM by one
  // about files.
  nodeError.message = itemMessage(error, itemIndex);
  nodeError.description = describe(error);
  return nodeError;
}

/** The text below the message: the field that helps, and the request. */
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
 * Names the field of n8n that helps; shown below the message. The message is complete without it, because the model
 * behind a tool does not see the description.
 */
const fieldAdvice: Partial<Record<TriggerErrorCode, string>> = {
  busy: 'The option Wait When Busy of Place, and of Place and Wait, waits for a free slot.',
  invalid_key: 'Check the API Key of the credential.',
  telephony: 'Check the options Telephony Configuration and Caller ID.',
  unexpected_response: 'Check the Base URL of the credential.',
  unreachable: 'Check the Base URL of the credential.',
  wait_timeout: 'Raise the option Max Wait, or let When Max Wait Is Over return the call as it is.',
};

/** Whether the server is busy for another reason than its call slots: the option Wait When Busy does not apply. */
function isOtherWait({ code, status, problemCode }: TriggerError): boolean {
  return code === 'busy' && (status !== 429 || problemCode === 'rate_limited');
}

/**
 * The output of a failed item when the node continues on fail: the input item, and the error under one key. For the
 * error branch it is `error` alone, because n8n recognizes a failed item only by that and merges the input itself
 * (before 2.34.4 not even `details` was allowed beside it).
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
