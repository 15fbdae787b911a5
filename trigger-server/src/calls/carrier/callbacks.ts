/** Handles a carrier's callback: find the run, authenticate the carrier, translate the report, move the run. */
import { Problem } from '../../problem';
import { findRun, type RunRow } from '../../runs/runs';
import { answeredCallOf } from './answering';
import { isCallbackToken } from './callback-urls';
import { openAccountOfRun } from '../../telephony/open-account';
import type { CarrierServices } from '../../telephony/tools';
import type { CarrierTools } from '../../carriers/port/tools';
import type { AnswerDocument, CallbackRequest, Callbacks } from '../../carriers/port/callback';
import { isSpoken } from '../../carriers/port/instructions';
import type { StatusReport } from '../../carriers/port/report';
import { findProvider } from '../../carriers/registry';

export interface IncomingCallback {
  provider: string;
  runId: number;
  turn: number;
  token: string;
  request: CallbackRequest;
}

/** One text for every unauthenticated callback, so that it reveals nothing about which runs exist. */
const refused = 'Invalid webhook signature';

/**
 * @returns the document for the carrier; null if a plain 200 is enough.
 * @throws Problem unauthenticated for an unknown run, a run of another organization or provider, and a forged token or
 * signature; bad_request for a body that cannot be read.
 */
export async function receiveCallback(
  services: CarrierServices,
  callback: IncomingCallback,
): Promise<AnswerDocument | null> {
  const { callbacks, configuration, tools, run } = await authenticate(services, callback);
  const { request } = callback;
  const reports = services.callReports(run.mode);
  const report = request.purpose === 'recording' ? null : callbacks.readStatus(request);
  const speaks = report !== null && speaksNow(callbacks, request, report);
  // Most callbacks only report. The greeting is rendered only for those that use it.
  const next = request.purpose === 'announcement' ? callbacks.afterAnnouncement : undefined;
  const asks = asksForDocument(request) && next === undefined;
  const isNeeded = asks || speaks || callbacks.act !== undefined;
  const call = isNeeded ? await answeredCallOf(services, services.storage.read, run) : null;
  const document = call !== null && asks ? await callbacks.answer?.(call, request, tools) : undefined;

  if (report !== null) {
    const spoken = speaks && call !== null && isSpoken(call.instructions);
    await reports.report(run.id, [spoken ? { ...report, greetingSpoken: true } : report]);
  }
  const recording = callbacks.readRecording?.(request) ?? null;
  if (recording !== null) await reports.recorded(run.id, recording);
  if (call !== null) await callbacks.act?.(configuration, request, call, tools);
  return document ?? next ?? callbacks.acknowledgement ?? null;
}

/**
 * Whether the greeting is spoken with this report. A carrier that got its instructions with the dial speaks on the answer.
 * One that requests a document speaks with that request. One that is commanded (`act`) reports it itself.
 */
function speaksNow(callbacks: Callbacks<never>, request: CallbackRequest, report: StatusReport): boolean {
  if (report.status !== 'answered') return false;
  return callbacks.answer === undefined ? callbacks.act === undefined : request.purpose === 'answer';
}

function asksForDocument(request: CallbackRequest): boolean {
  return request.purpose === 'answer' || request.purpose === 'announcement';
}

interface Authenticated {
  callbacks: Callbacks<never>;
  configuration: never;
  tools: CarrierTools;
  run: RunRow;
}

async function authenticate(services: CarrierServices, callback: IncomingCallback): Promise<Authenticated> {
  const session = services.storage.read;
  const run = await findRun(session, callback.runId);
  const provider = findProvider(callback.provider);
  if (run?.mode !== callback.provider || !provider?.callbacks) throw new Problem('unauthenticated', refused);
  // The configuration comes from the run, never from the request.
  const target = {
    provider: run.mode,
    configurationId: run.telephony_configuration_id,
    runId: run.id,
    purpose: callback.request.purpose,
    turn: callback.turn,
  };
  if (!isCallbackToken(services, target, callback.token)) throw new Problem('unauthenticated', refused);
  const account = await openAccountOfRun(services, run);
  // Without the deleted account there is no key to verify the carrier's signature with.
  if (account === null) throw new Problem('unauthenticated', refused);
  if (!provider.callbacks.verify(account.configuration, callback.request)) {
    throw new Problem('unauthenticated', refused, {
      internal: `a callback for run ${String(run.id)} had no valid signature of its carrier`,
    });
  }
  const { configuration, tools } = account;
  return { callbacks: provider.callbacks, configuration: configuration as never, tools, run };
}
