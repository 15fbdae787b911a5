/** Receives a delivery: verifies its sender, drops duplicates, and reads the call that it reports. */
import {
  isTriggerError,
  sha256Hex,
  verifyWebhook,
  webhookEvents,
  type Run,
  type RunAttempt,
  type TriggerClient,
  type WebhookEvent,
  type WebhookVerdict,
} from '@dograh-trigger/shared';
import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { createClient } from '../Dograh/runtime/client';
import { readCredential } from '../Dograh/runtime/credential';
import { asError } from '../Dograh/runtime/errors';
import { simplifyRun } from '../Dograh/fields/output';
import { matchesStatuses } from '../Dograh/fields/run-filter';
import { forget, remember, remembers, saveDeliveries, stateOf, type TriggerState } from './state';

/** Minimum time between two reads of the signing secret, so that wrongly signed requests cannot cause many reads. */
const secretReadIntervalMilliseconds = 60_000;

/**
 * Starts the workflow with the current run, read from the server, so a forged body has no effect. The sender
 * receives 2xx when no further try is needed, 4xx when none can succeed, and 503 when a later one can.
 */
export async function receiveDelivery(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  const state = stateOf(context);
  const client = await createClient(context);
  const verdict = await authenticate(context, state, client);
  if (!verdict.ok) return reply(context, 401, verdict.reason);
  if (isTestEvent(context)) return reply(context, 200, 'A test event starts no workflow.');

  const runId = readRunId(context);
  if (runId === null) return reply(context, 400, 'The delivery names no run.');
  const webhookId = header(context, 'webhook-id') ?? header(context, 'x-dograh-delivery-id');
  // During "Listen for test event" the same delivery may be sent again on purpose.
  const deliveryId = context.getMode() === 'manual' ? null : webhookId;
  if (deliveryId !== null && remembers(context, deliveryId)) {
    saveDeliveries(context);
    return reply(context, 200, 'This delivery was received before.');
  }
  // Remembered before the run is read, because the same delivery may arrive again in the meantime.
  if (deliveryId !== null) remember(context, deliveryId);
  try {
    const run = await client.getRun(runId);
    const event = eventOf(context);
    const attempt = event === 'call.attempt_ended' ? attemptOf(context, run) : undefined;
    if (!matchesFilter(context, state, run, { event, attempt }))
      return reply(context, 200, 'This call is not asked for.');
    const json = context.getNodeParameter('simplify', true) ? simplifyRun(run) : (run as IDataObject);
    // In queue mode one delivery may start two executions. By `webhook_id` a workflow can recognize that.
    return {
      workflowData: [[{ json: { ...json, event, attempt: attempt ?? null, webhook_id: webhookId } }]],
    };
  } catch (error) {
    if (deliveryId !== null) forget(context, deliveryId);
    const isLost = isTriggerError(error) && error.code === 'not_found';
    return reply(context, isLost ? 404 : 503, asError(error).message);
  }
}

async function authenticate(
  context: IWebhookFunctions,
  state: TriggerState,
  client: TriggerClient,
): Promise<WebhookVerdict> {
  const { subscription } = state;
  if (!subscription) return compareSecret(context);

  const verdict = verify(context, subscription.secret);
  if (verdict.ok || Date.now() - subscription.secretReadAt < secretReadIntervalMilliseconds) return verdict;
  // The organization may have rotated its secret since the workflow was activated.
  const secret = await client.readWebhookSecret();
  state.subscription = { ...subscription, secret, secretReadAt: Date.now() };
  return verify(context, secret);
}

function verify(context: IWebhookFunctions, secret: string): WebhookVerdict {
  const { rawBody } = context.getRequestObject();
  return verifyWebhook(secret, { headers: context.getHeaderData(), body: rawBody, now: new Date() });
}

async function compareSecret(context: IWebhookFunctions): Promise<WebhookVerdict> {
  const { webhookSecret } = await readCredential(context);
  const sent = header(context, 'x-webhook-secret');
  // Compares digests, so that the duration reveals nothing about the secret.
  const isSame = sent !== null && sha256Hex(sent) === sha256Hex(webhookSecret);
  if (webhookSecret !== '' && isSame) return { ok: true };
  return { ok: false, reason: 'The header X-Webhook-Secret is not the Webhook Secret of the credential.' };
}

/** The run in a test event is an example and does not exist on the server. */
function isTestEvent(context: IWebhookFunctions): boolean {
  const { type, test } = context.getBodyData();
  return webhookEvents.some((known) => known === type) && test === true;
}

/** A Webhook node of an agent, which may send anything, tells of the end of a call. */
function eventOf(context: IWebhookFunctions): WebhookEvent {
  const { type } = context.getBodyData();
  return webhookEvents.find((known) => known === type) ?? 'call.completed';
}

/** The attempt that has ended, as the server has it. Undefined if the delivery does not name one of the run's. */
function attemptOf(context: IWebhookFunctions, { attempts }: Run): RunAttempt | undefined {
  const { attempt } = context.getBodyData();
  const number =
    typeof attempt === 'object' && attempt !== null && 'number' in attempt ? attempt.number : null;
  return attempts?.find((known) => known.number === number);
}

/** Dograh sends the run id in a header; the event of a subscription contains the whole run. */
function readRunId(context: IWebhookFunctions): number | null {
  const { data } = context.getBodyData();
  const inBody = typeof data === 'object' && data !== null && 'id' in data ? data.id : undefined;
  const runId = Number(header(context, 'x-dograh-workflow-run-id') ?? inBody);
  return Number.isSafeInteger(runId) && runId > 0 ? runId : null;
}

/** @param about `attempt`: the one that has ended. Then Statuses is about it, because the call may go on. */
function matchesFilter(
  context: IWebhookFunctions,
  { agentId }: TriggerState,
  run: Run,
  { event, attempt }: { event: WebhookEvent; attempt: RunAttempt | undefined },
): boolean {
  if (agentId !== undefined && run.workflow_id !== agentId) return false;
  if (event === 'call.answered') return true;
  const ended = attempt ? { ...run, status: attempt.status, reason: attempt.reason } : run;
  return matchesStatuses(ended, context.getNodeParameter('statuses', []));
}

function header(context: IWebhookFunctions, name: string): string | null {
  const value = context.getHeaderData()[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Answers the sender without starting the workflow. */
function reply(context: IWebhookFunctions, status: number, message: string): IWebhookResponseData {
  context.getResponseObject().status(status).json({ message });
  return { noWebhookResponse: true };
}
