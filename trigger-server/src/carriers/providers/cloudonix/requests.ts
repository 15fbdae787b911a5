/**
 * Requests to Cloudonix's REST API: https://developers.cloudonix.com/cloudonixRestOpenAPI and
 * https://developers.cloudonix.com/Documentation/apiWorkflow/callControlAndSessionManagement
 */
import { ask, askAboutCall } from '../../kit/ask';
import { dialOverHttp, parseJson, refusalText, textAt } from '../../kit/dial';
import type { CarrierRequest } from '../../../egress/client';
import { withRunningTime } from '../../kit/running-time';
import { refuseIfWrong, verdictOn } from '../../kit/verification';
import type { CancelResult, CarrierCall, DialResult, OutboundCall } from '../../port/call';
import type { Verdict } from '../../port/provider';
import type { StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import type { Configuration } from './configuration';
import { cxml } from './instructions';
import { answeredAt, readSession } from './statuses';

export const carrier = 'Cloudonix';

/** Cloudonix documents no limit, so this is low: https://developers.cloudonix.com/cloudonixRestOpenAPI */
export const questionsPerSecond = 2;

/**
 * "Start outbound call" (`callObject` of the OpenAPI document): `timeout` is how long to wait for an answer,
 * `timeLimit` how long the call may last, both in seconds and numbers; `callback` receives every change of the session,
 * and is the only report of an unanswered call.
 */
export async function placeCall(
  configuration: Configuration,
  call: OutboundCall,
  tools: CarrierTools,
): Promise<DialResult> {
  const body = {
    destination: call.to,
    ...(call.from === null ? {} : { 'caller-id': call.from }),
    cxml: cxml(await call.loadInstructions(), call.callbackUrl('announcement')),
    callback: call.callbackUrl('status'),
    timeout: call.ringTimeoutSeconds,
    timeLimit: call.maxCallDurationSeconds,
    ...(configuration.trunk ? { trunk: configuration.trunk } : {}),
  };
  const path = `/calls/${configuration.domain_id}/application`;
  return dialOverHttp(tools, call.runId, request(configuration, tools, 'POST', path, body), {
    carrier,
    callerNumber: call.from,
    callId: (reply) => textAt(reply, 'token'),
    refusal: words,
  });
}

/** "Destroy session (hangup)": 204 on success. */
export async function cancel(
  configuration: Configuration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<CancelResult> {
  const path = sessionPath(configuration, call);
  const reply = await tools.http(request(configuration, tools, 'DELETE', path));
  if (reply.status >= 200 && reply.status < 300) return { outcome: 'accepted' };
  if (reply.status === 404) return { outcome: 'gone' };
  return { outcome: 'refused', detail: refusalText(carrier, reply.status, words(parseJson(reply.body))) };
}

/** The session model names `/calls/{domain}/sessions/{token}` as its address. */
export async function askStatus(
  configuration: Configuration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<StatusReport | null> {
  const path = sessionPath(configuration, call);
  const answer = await askAboutCall(tools, request(configuration, tools, 'GET', path));
  const report = answer.status === 200 ? readSession(answer.body) : null;
  return report === null ? null : withRunningTime(report, answeredAt(answer.body), answer.date);
}

/** "Get domain": fails for a domain that does not exist, or that the key has no access to. */
export async function verify(configuration: Configuration, tools: CarrierTools): Promise<Verdict> {
  const path = `/customers/self/domains/${configuration.domain_id}`;
  const answer = await ask(tools, request(configuration, tools, 'GET', path));
  const wrong = { 401: 'bearer_token', 403: 'bearer_token', 404: 'domain_id' };
  return verdictOn(answer, { carrier, words, wrong });
}

export const prepare = refuseIfWrong(verify);

function request(
  configuration: Configuration,
  tools: CarrierTools,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): CarrierRequest {
  return {
    method,
    url: tools.apiUrl(`https://api.cloudonix.io${path}`),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${configuration.bearer_token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

function sessionPath(configuration: Configuration, call: CarrierCall): string {
  return `/calls/${configuration.domain_id}/sessions/${encodeURIComponent(call.callId)}`;
}

/** "A `message` with a string value detailing the reason for the rejection" (OpenAPI, "API Responses"). */
function words(body: unknown): string | undefined {
  return textAt(body, 'message');
}
