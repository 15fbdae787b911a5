/** Runs an `http_api` tool: one bounded request, never into the operator's own network, never repeated. */
import type { HttpApiConfig, JsonObject, JsonValue } from '@dograh-trigger/shared';
import { isRefusedTarget } from '../../egress/address-guard';
import { NoReplyError, NotSentError, TooSlowError, type CarrierReply } from '../../egress/client';
import { credentialHeader } from '../../events/credentials/credentials';
import { shapeFault } from '../../http/body/json-shape';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { ToolContext } from '../engine/tools';
import { modelValues, presetValues } from './arguments';
import { prepareRequest, type PreparedRequest } from './request';
import { ToolError } from './tool-error';

type Needs = Pick<Services, 'storage' | 'secrets' | 'carrier' | 'clock'>;

/** The most characters of a result that the model is shown. */
const mostShownCharacters = 4000;

/**
 * @param callKey goes out as `Idempotency-Key`, so that the receiver recognises a repeat of the turn.
 * @returns what the model is shown. A failure of the request is a result, too.
 */
export async function runHttpApi(
  services: Needs,
  organizationId: number,
  config: HttpApiConfig,
  call: { args: JsonObject; context: ToolContext; callKey: string },
): Promise<JsonObject> {
  try {
    const now = services.clock.now();
    const presets = presetValues(config, call.context, now);
    const filled = modelValues(config.parameters ?? [], call.args);
    const credential = await credentialOf(services, organizationId, config);
    const values = { presets, filled, context: call.context, now };
    const prepared = prepareRequest(config, values, { credential, callKey: call.callKey });
    const reply = await sendTool(services, organizationId, prepared);
    return success(reply.status, dataOf(reply));
  } catch (error) {
    if (error instanceof ToolError) return { status: 'error', error: error.message };
    throw error;
  }
}

/** @throws ToolError when another `SECRETS_KEY` sealed it. */
export async function credentialOf(
  services: Pick<Services, 'storage' | 'secrets'>,
  organizationId: number,
  { credential_uuid: uuid }: Pick<HttpApiConfig, 'credential_uuid'>,
): Promise<Record<string, string>> {
  if (typeof uuid !== 'string' || uuid === '') return {};
  try {
    return await credentialHeader(services, organizationId, uuid);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new ToolError('Request failed: the stored credential cannot be read');
  }
}

/** @throws ToolError when there is no complete reply. */
export async function sendTool(
  { carrier }: Pick<Services, 'carrier'>,
  organizationId: number,
  { request }: PreparedRequest,
): Promise<CarrierReply> {
  try {
    return await carrier.send(request, organizationId);
  } catch (error) {
    throw failureOf(error, request.withinMilliseconds);
  }
}

function failureOf(error: unknown, milliseconds: number): unknown {
  if (error instanceof TooSlowError) {
    return new ToolError(`Request timed out after ${milliseconds / 1000} seconds`);
  }
  if (error instanceof NoReplyError) {
    return new ToolError('Request failed: the connection broke off before the answer was complete');
  }
  if (!(error instanceof NotSentError)) return error;
  return new ToolError(
    isRefusedTarget(error.cause)
      ? 'Request failed: the address leads into a private network, which the operator has not allowed'
      : 'Request failed: no connection could be made',
  );
}

/** The reply as JSON, or as text where it is none. */
export function dataOf({ body }: CarrierReply): JsonValue {
  if (shapeFault(Buffer.from(body)) === null) {
    try {
      return JSON.parse(body) as JsonValue;
    } catch {
      // Dograh, too, hands on what is no JSON as text.
    }
  }
  return { raw_response: body };
}

/** A result beyond the limit becomes the beginning of its text. */
function success(statusCode: number, data: JsonValue): JsonObject {
  const whole = { status: 'success', status_code: statusCode, data };
  const text = isRaw(data) ? data.raw_response : JSON.stringify(data);
  let result: JsonObject = whole;
  // Escaping may make each character six, so this takes four rounds at most.
  for (let kept = mostShownCharacters - 200; JSON.stringify(result).length > mostShownCharacters; kept /= 2) {
    const beginning = text.slice(0, kept).toWellFormed();
    result = { ...whole, data: { raw_response: `${beginning}...(truncated)` } };
  }
  return result;
}

function isRaw(data: JsonValue): data is { raw_response: string } {
  return (
    typeof data === 'object' && data !== null && !Array.isArray(data) && typeof data.raw_response === 'string'
  );
}
