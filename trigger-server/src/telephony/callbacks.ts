/** A carrier reports on a call: find the run, make sure who speaks, translate, move the run. */
import { Problem } from '../problem';
import { findRun, type RunRow } from '../runs/runs';
import type { Services } from '../services';
import { answeredCallOf } from './answering';
import { isCallbackToken } from './callback-urls';
import { readCredentials } from './credentials';
import { providerHost, type HostServices } from './host';
import type { AnswerDocument, CallbackRequest, Callbacks, StatusReport } from './provider';
import { findProvider } from './registry';
import { findConfiguration } from './store';

export interface IncomingCallback {
  provider: string;
  runId: number;
  token: string;
  request: CallbackRequest;
}

/** What does not prove itself is told nothing about what exists. */
const refused = 'Invalid webhook signature';

/**
 * @returns the document for the carrier; null when a plain 200 will do.
 * @throws Problem unauthenticated for anything that does not prove itself: an unknown run, another organization's or
 * provider's, a forged token or signature; bad_request for a body that cannot be read.
 */
export async function receiveCallback(
  services: HostServices,
  callback: IncomingCallback,
): Promise<AnswerDocument | null> {
  const { callbacks, configuration, run } = await authenticate(services, callback);
  const { request } = callback;
  const host = providerHost(services, run.mode, run.organization_id);
  const report = request.purpose === 'recording' ? null : callbacks.readStatus(request);
  const speaks = report !== null && speaksNow(callbacks, request, report);
  // Most callbacks only report: the greeting is rendered for those that do something with it.
  const isNeeded = asksForDocument(request) || speaks || callbacks.act !== undefined;
  const call = isNeeded ? await answeredCallOf(services, services.storage.read, run) : null;
  const document =
    call !== null && asksForDocument(request) ? await callbacks.answer?.(call, request, host) : undefined;

  if (report !== null) {
    const spoken = speaks && call?.answer.mode === 'announce';
    await host.report(run.id, [spoken ? { ...report, greetingSpoken: true } : report]);
  }
  const recording = callbacks.readRecording?.(request) ?? null;
  if (recording !== null) await host.recorded(run.id, recording);
  if (call !== null) await callbacks.act?.(configuration, request, call, host);
  return document ?? callbacks.acknowledgement ?? null;
}

/** A carrier that was told with the dial speaks once it is answered; one that is commanded says so itself. */
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
  run: RunRow;
}

async function authenticate(
  services: Pick<Services, 'storage' | 'secrets'>,
  callback: IncomingCallback,
): Promise<Authenticated> {
  const session = services.storage.read;
  const run = await findRun(session, callback.runId);
  const provider = findProvider(callback.provider);
  if (run?.mode !== callback.provider || !provider?.callbacks) throw new Problem('unauthenticated', refused);
  // The configuration is the run's own, whatever the request says.
  const target = {
    provider: run.mode,
    configurationId: run.telephony_configuration_id,
    runId: run.id,
    purpose: callback.request.purpose,
  };
  if (!isCallbackToken(services, target, callback.token)) throw new Problem('unauthenticated', refused);
  const row = await findConfiguration(session, {
    organizationId: run.organization_id,
    id: run.telephony_configuration_id,
  });
  // A configuration that was deleted has taken along what its carrier signs with.
  if (row === undefined) throw new Problem('unauthenticated', refused);
  const configuration = provider.configuration.safeParse(readCredentials(services, row));
  if (!configuration.success || !provider.callbacks.verify(configuration.data, callback.request)) {
    throw new Problem('unauthenticated', refused, {
      internal: `a callback for run ${String(run.id)} had no valid signature of its carrier`,
    });
  }
  return { callbacks: provider.callbacks, configuration: configuration.data as never, run };
}
