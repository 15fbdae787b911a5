/** The dial: a request to Dograh's public trigger, which starts one call. Source: https://docs.dograh.com/voice-agent/api-trigger */
import {
  callMarker,
  isUnknownTrigger,
  mayRing,
  parseTriggerReference,
  problemCodes,
  triggerPath,
  type CallTarget,
  type DograhAnswer,
  type Environment,
  type JsonObject,
  type Problem,
} from '@dograh-trigger/shared';
import { describeError } from '../../../describe-error';
import type { CarrierReply } from '../../../egress/client';
import { isCarriersFault } from '../../kit/ask';
import { dialOverHttp, textAt } from '../../kit/dial';
import type { RemoteCallerId } from '../../port/agents';
import type { DialResult, OutboundCall } from '../../port/call';
import { handOverMark } from '../../port/hand-over';
import type { CarrierTools } from '../../port/tools';
import { askHealth, carrier, dograhRequest, readProblem, words } from './api';
import { markOf, type Configuration } from './configuration';
import { findDialled, listCallerIds } from './lists';

/** Until somebody has bought credits. Dograh keeps a run, and tells its webhooks of it, for every dial without any. */
const creditPauseSeconds = 300;

/** After how many milliseconds the call of a dial without a reply is looked for again. */
const nextSearchMilliseconds = 5000;

export async function placeCall(
  configuration: Configuration,
  call: OutboundCall,
  tools: CarrierTools,
): Promise<DialResult> {
  const sentAt = tools.clock.now();
  const [order] = await call.loadInstructions();
  if (order?.name !== 'hand_over') return refused('the call was over before it was dialled.');
  const reference = parseTriggerReference(order.to.agent);
  if (reference === null || !isAt(configuration, order.to.agent)) return refused(elsewhere);
  const shown = await callerIdOf(configuration, call, tools);
  if (shown !== null && 'outcome' in shown) return shown;
  const { target, environment } = reference;
  const path = { target, environment: environment ?? order.to.environment ?? 'production' };
  const body = bodyOf(configuration, call, order, shown);
  const result = await dial(configuration, call, path, body, tools);
  if (result.outcome !== 'unknown') return result;
  const callId = await search(configuration, { ...call, sentAt }, tools);
  if (callId === null && (await keepsKeys(configuration, tools))) {
    // Only a call counts: a refusal of the repeat does not say what became of the first request.
    const again = await dial(configuration, call, path, body, tools);
    if (again.outcome === 'placed') return again;
  }
  return typeof callId === 'string'
    ? { outcome: 'placed', callId, callerNumber: call.from }
    : { ...result, followUpMilliseconds: nextSearchMilliseconds };
}

/** Whether a repeat with the same key is the same call there, as on the bundled server. Dograh ignores the key. */
async function keepsKeys(configuration: Configuration, tools: CarrierTools): Promise<boolean> {
  try {
    const { health } = await askHealth(configuration, tools);
    return health?.extensions?.includes('idempotency-key') === true;
  } catch (error) {
    if (!isCarriersFault(error)) throw error;
    return false;
  }
}

const elsewhere =
  'the trigger URL in the agent’s answer leads to another server than this telephony configuration. Copy the agent’s UUID instead.';

function refused(reason: string): DialResult {
  return { outcome: 'refused', detail: `${carrier}: ${reason}` };
}

/** Whether a text that names an agent is no URL, or one of this Dograh. */
function isAt({ base_url: baseUrl }: Configuration, agent: string): boolean {
  return !URL.canParse(agent) || new URL(agent).host === new URL(baseUrl).host;
}

/**
 * The ids at Dograh of the caller ID.
 * @returns null where Dograh chooses it; a result of the dial where it is not known: then nothing was sent.
 */
async function callerIdOf(
  configuration: Configuration,
  { from, runId }: OutboundCall,
  tools: CarrierTools,
): Promise<RemoteCallerId | DialResult | null> {
  if (from === null) return null;
  try {
    const found = (await listCallerIds(configuration, tools)).find(({ address }) => address === from);
    return found ?? refused('none of its telephony configurations has the caller ID of this call.');
  } catch (error) {
    if (!isCarriersFault(error)) throw error;
    tools.log.warn({ runId, error: describeError(error) }, 'the caller IDs of a carrier could not be read');
    return {
      outcome: 'not_sent',
      detail: `${carrier} could not be asked for its caller IDs; nobody was called.`,
      code: 'carrier_unreachable',
      retryAfterSeconds: 10,
    };
  }
}

function bodyOf(
  configuration: Configuration,
  call: OutboundCall,
  { to, context }: { to: DograhAnswer; context: JsonObject },
  shown: RemoteCallerId | null,
): JsonObject {
  const account = to.telephony_configuration_id ?? shown?.telephonyConfigurationId;
  return {
    phone_number: call.to,
    initial_context: { ...context, [callMarker]: handOverMark(markOf(configuration), call) },
    ...(account === undefined ? {} : { telephony_configuration_id: account }),
    ...(shown === null ? {} : { from_phone_number_id: shown.phoneNumberId }),
  };
}

/**
 * A UUID alone may be a trigger's or an agent's. Dograh answers 404 before it dials, so the second request is the first
 * one that can ring a phone.
 */
async function dial(
  configuration: Configuration,
  call: OutboundCall,
  { target, environment }: { target: CallTarget; environment: Environment },
  body: JsonObject,
  tools: CarrierTools,
): Promise<DialResult> {
  const first = await dialOnce(configuration, call, triggerPath(target, environment), body, tools);
  if (!first.isUnknownTrigger || 'agentUuid' in target) return first.result;
  const path = triggerPath({ agentUuid: target.triggerUuid }, environment);
  return (await dialOnce(configuration, call, path, body, tools)).result;
}

async function dialOnce(
  configuration: Configuration,
  call: OutboundCall,
  path: string,
  body: JsonObject,
  tools: CarrierTools,
): Promise<{ result: DialResult; isUnknownTrigger: boolean }> {
  const reason = call.whyTooLate();
  if (reason !== null) {
    const result = {
      outcome: 'not_sent',
      detail: reason,
      code: 'unavailable',
      retryAfterSeconds: 1,
    } as const;
    return { result, isUnknownTrigger: false };
  }
  let refusal: Problem = { detail: '' };
  const request = dograhRequest(configuration, path, body);
  const key = handOverMark(markOf(configuration), call);
  const order = { ...request, headers: { ...request.headers, 'idempotency-key': key } };
  const result = await dialOverHttp(tools, call.runId, order, {
    carrier,
    callerNumber: call.from,
    callId: (reply) => textAt(reply, 'workflow_run_id'),
    isPassing,
    pauseSeconds: ({ status }) => (status === 402 ? creditPauseSeconds : undefined),
    refusal(reply) {
      refusal = readProblem(reply) ?? refusal;
      return words(refusal);
    },
  });
  if (result.outcome !== 'refused') return { result, isUnknownTrigger: false };
  return mayRing(refusal)
    ? { result: { outcome: 'unknown' }, isUnknownTrigger: false }
    : { result, isUnknownTrigger: isUnknownTrigger(refusal) };
}

/** What Dograh refuses with 402 too, and no credits cure. */
const finalRefusal =
  /^(?:You have invalid keys in your model configuration|Workflow not found|User not found)/;

/**
 * Without credits, which somebody will buy, Dograh answers 402 before it dials. The bundled server says that a refusal passes
 * with a code and `Retry-After`. A gateway before it may have both in words of its own, after it has passed the dial on.
 */
function isPassing({ status, retryAfter }: CarrierReply, body: unknown): boolean {
  if (status === 402) {
    const refusal = readProblem(body);
    if (refusal === undefined) return false;
    return typeof refusal.detail !== 'string' || !finalRefusal.test(refusal.detail);
  }
  if ((status !== 400 && status !== 503) || retryAfter === undefined) return false;
  const { detail, code } = readProblem(body) ?? {};
  return typeof detail === 'string' && problemCodes.some((known) => known === code);
}

/**
 * One search: where the list cannot be read, or does not have the call yet, it is looked for again later.
 * @returns the id of the call there; null where the list does not have it; undefined where it could not be read.
 */
async function search(
  configuration: Configuration,
  sent: Parameters<typeof findDialled>[1],
  tools: CarrierTools,
): Promise<string | null | undefined> {
  try {
    return await findDialled(configuration, sent, tools);
  } catch (error) {
    if (!isCarriersFault(error)) throw error;
    const what = 'a carrier’s list of calls could not be read; it is read again';
    tools.log.warn({ runId: sent.runId, error: describeError(error) }, what);
    return undefined;
  }
}
