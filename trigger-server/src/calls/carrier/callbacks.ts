/** Handles a carrier's callback: find the run, authenticate the carrier, translate the report, move the run. */
import { isFinalStatus } from '@dograh-trigger/shared';
import type { TalkServices } from '../../conversations/talk/talk-services';
import { progressOf } from '../../conversations/talk/talks';
import { Problem } from '../../problem';
import { findRunOfAttempt } from '../../runs/attempts/attempts';
import type { RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import type { AnsweredCall } from '../../carriers/port/call';
import type { CallAttempt } from '../../carriers/port/call-name';
import { answererAfter } from '../../runs/transitions';
import { answeredCallOf, isMachine } from './answering';
import { isCallbackToken } from './callback-urls';
import { fillerOf, nextInstructions } from './conversation';
import { noteClosing, relayInstructions, turnAfterRelay, withRelay, withoutSaid } from './relay/instructions';
import { recordReports } from './record-reports';
import { openAccountOfRun } from '../../telephony/open-account';
import type { CarrierServices } from '../../telephony/tools';
import type { CarrierTools } from '../../carriers/port/tools';
import type { AnswerDocument, CallbackRequest, Callbacks } from '../../carriers/port/callback';
import { isConversation, isOnlyHungUp, isSpoken } from '../../carriers/port/instructions';
import type { FromCallee } from '../../carriers/port/talk';
import { isOfTurn, type CallbackPurpose } from '../../carriers/port/purpose';
import type { ReportDetails, StatusReport } from '../../carriers/port/report';
import { findProvider } from '../../carriers/registry';

export interface IncomingCallback extends CallAttempt {
  provider: string;
  turn: number;
  token: string;
  request: CallbackRequest;
}

type CallbackServices = CarrierServices & TalkServices & Pick<Services, 'deliveryAlarm' | 'turnPlaces'>;

/** One text for every unauthenticated callback, so that it reveals nothing about which runs exist. */
const refused = 'Invalid webhook signature';

/**
 * @returns the document for the carrier; null if a plain 200 is enough.
 * @throws Problem unauthenticated for an unknown run or attempt, a run of another organization or provider, and a forged token or
 * signature; bad_request for a body that cannot be read.
 */
export async function receiveCallback(
  services: CallbackServices,
  callback: IncomingCallback,
): Promise<AnswerDocument | null> {
  const authenticated = await authenticate(services, callback);
  const { callbacks, configuration, tools, run } = authenticated;
  const { request } = callback;
  const report = request.purpose === 'recording' ? null : callbacks.readStatus(request);
  const { document, spoken, talk } = await documentFor(services, callbacks, { run, request, report, tools });
  const said = report === null ? null : { ...report, ...spoken };
  const { isMessageDue } =
    said === null || isKnown(run, request, said)
      ? { isMessageDue: false }
      : await recordReports(services, callback, [said]);
  const recording = callbacks.readRecording?.(request) ?? null;
  if (recording !== null) await services.callReports(run.mode).recorded(callback, recording);
  const loadCall = async () =>
    withRelay(
      services,
      authenticated,
      await answeredCallOf(services, services.storage.read, await findKnownRun(services, callback)),
    );
  await callbacks.act?.(configuration, request, loadCall, tools, isMessageDue);
  if (callbacks.relay?.isClosing?.(request) === true) {
    await noteClosing(services, authenticated, await loadCall());
  }
  // After the report, because the model is asked meanwhile.
  if (talk !== undefined) {
    const next = await talkDocument(services, authenticated, callback, talk);
    return next ?? callbacks.acknowledgement ?? null;
  }
  if (request.purpose === 'transfer') await noteTransfer(services, callbacks, callback, run);
  return document ?? callbacks.acknowledgement ?? null;
}

/** Each turn of a conversation says again that its call was answered: that is no write. */
function isKnown(run: RunRow, { purpose }: CallbackRequest, report: StatusReport): boolean {
  const { status, rawStatus: _word, callId = run.provider_call_id, ...more } = report;
  const isSame = status === run.status && callId === run.provider_call_id;
  return isOfTurn(purpose) && isSame && Object.keys(more).length === 0;
}

/** The end of a transfer counts also where the callee has hung up with it. */
async function noteTransfer(
  services: CallbackServices,
  callbacks: Callbacks<never>,
  callback: IncomingCallback,
  { mode }: RunRow,
): Promise<void> {
  const heard = heardIn(callbacks, callback);
  const hasTalked = (await progressOf(services.storage.read, callback)) !== null;
  if (heard?.kind === 'transferred' && hasTalked) {
    await services.callReports(mode).hear(callback, callback.turn, heard);
  }
}

/** The next document of a conversation. */
async function talkDocument(
  services: CallbackServices,
  authenticated: Authenticated,
  callback: IncomingCallback,
  call: AnsweredCall,
): Promise<AnswerDocument | null> {
  const { callbacks, run, tools } = authenticated;
  const { request, turn } = callback;
  const heard = heardIn(callbacks, callback);
  // Where a transfer goes on, its carrier has its document.
  if (request.purpose === 'transfer' && heard === null) return null;
  if (heard?.kind === 'transferred' && !heard.isOver) {
    await services.callReports(run.mode).hear(call, turn, heard);
    return null;
  }
  const place = request.purpose === 'relay_end' ? await turnAfterRelay(services, call) : { turn, heard };
  // The first document of some carriers asks for the opening, which is no repeat.
  const isRepeated =
    request.purpose === 'talk' && (turn > 0 || (await progressOf(services.storage.read, call)) !== null);
  const question = { ...place, isRepeated };
  const byRelay = await relayInstructions(services, authenticated, call, request);
  const instructions =
    byRelay ??
    (request.purpose === 'filler'
      ? [await fillerOf(services, run)]
      : withoutSaid(
          callbacks,
          request,
          (await nextInstructions(services, run, call, question, callbacks.patienceMilliseconds))
            .instructions,
        ));
  const next = { ...call, instructions };
  return callbacks.talk?.(next) ?? (await callbacks.answer?.(next, request, tools)) ?? null;
}

/** Null for a request that only asks for a document. */
function heardIn(
  callbacks: Callbacks<never>,
  { request, turn }: Pick<IncomingCallback, 'request' | 'turn'>,
): FromCallee | null {
  if (request.purpose === 'turn') return callbacks.readHeard?.(request) ?? null;
  if (request.purpose === 'transfer') return callbacks.readTransfer?.(request) ?? null;
  return turn === 0 ? { kind: 'opening' } : null;
}

interface HandledCallback {
  run: RunRow;
  request: CallbackRequest;
  report: StatusReport | null;
  tools: CarrierTools;
}

interface Documented {
  document: AnswerDocument | undefined;
  spoken: Partial<ReportDetails>;
  /** Set when the next turn of this call has the document. */
  talk?: AnsweredCall;
}

/**
 * The document for the carrier, and what the carrier speaks with this report. Most callbacks only report, and nothing is
 * rendered for them.
 */
async function documentFor(
  services: CarrierServices,
  callbacks: Callbacks<never>,
  { run, request, report, tools }: HandledCallback,
): Promise<Documented> {
  const { purpose } = request;
  const speaks = report !== null && speaksNow(callbacks, request, report);
  const asksWhatToSay = purpose === 'answer' || purpose === 'message';
  const asksWhatIsNext = asksForNext.has(purpose);
  const asksForTurn = isOfTurn(purpose);
  if (!speaks && !asksWhatToSay && !asksWhatIsNext && !asksForTurn) {
    return { document: undefined, spoken: {} };
  }
  const known = await answeredCallOf(services, services.storage.read, run, report);
  const isOver = report?.status === 'ended' || isFinalStatus(run.status);
  const hasDocumentOfTurn = asksForTurn || purpose === 'answer';
  const talks = isConversation(known.instructions) || (asksForTurn && (await goesOn(services, run, report)));
  if (!isOver && hasDocumentOfTurn && talks) return { document: undefined, spoken: {}, talk: known };
  if (asksForTurn) {
    if (isOver || waitsForMachine(known)) {
      return { document: callbacks.afterSpeech?.(known, 'announcement'), spoken: {} };
    }
    // It is no conversation any more: a machine has answered, or the draft was changed before the opening.
    const document = callbacks.talk?.(known) ?? (await callbacks.answer?.(known, request, tools));
    return { document, spoken: isSpoken(known.instructions) ? { greetingBegun: true } : {} };
  }
  const call = purpose === 'message' ? onlyMessage(known) : known;
  const document = asksWhatToSay ? await callbacks.answer?.(call, request, tools) : undefined;
  const next = asksWhatIsNext ? callbacks.afterSpeech?.(call, purpose) : undefined;
  const said = speaks && isSpoken(call.instructions) ? spokenWith(call, callbacks, purpose) : {};
  return { document: document ?? next, spoken: said };
}

/** A conversation that has begun goes on whatever the settings of its agent and its account are now, but never with a machine. */
async function goesOn(
  { storage }: Pick<Services, 'storage'>,
  run: RunRow,
  report: StatusReport | null,
): Promise<boolean> {
  return (
    !isMachine(answererAfter(run, report)) &&
    (await progressOf(storage.read, { runId: run.id, attempt: run.attempt })) !== null
  );
}

/** Whether a message for a machine is due or may become due, or the machine is to hear nothing. */
function waitsForMachine({ instructions, voicemail }: AnsweredCall): boolean {
  return isOnlyHungUp(instructions) || voicemail?.message != null || voicemail?.isMessagePossible === true;
}

const asksForNext: ReadonlySet<CallbackPurpose> = new Set(['announcement', 'redirected', 'message_heard']);

/**
 * A message that is not due, or was already heard, is not spoken. One that is being spoken is spoken to the carrier
 * again: only a carrier that did not get our reply asks twice.
 */
function onlyMessage(call: AnsweredCall): AnsweredCall {
  const message = call.voicemail?.message;
  return message === 'due' || message === 'spoken' ? call : { ...call, instructions: [{ name: 'hang_up' }] };
}

function spokenWith(
  { voicemail }: AnsweredCall,
  { asksBeforeDetection }: Callbacks<never>,
  purpose: CallbackPurpose,
): Partial<ReportDetails> {
  if (purpose === 'message') return { messageSpoken: true };
  const isUndecided = asksBeforeDetection === true && voicemail?.action === 'hang_up';
  return isUndecided && voicemail.answeredBy === null ? {} : { greetingBegun: true };
}

/**
 * Whether something is spoken with this report. A carrier that got its instructions with the dial speaks on the answer.
 * One that requests a document speaks with that request. One that is only commanded reports it itself.
 */
function speaksNow(callbacks: Callbacks<never>, request: CallbackRequest, report: StatusReport): boolean {
  if (report.status !== 'answered') return false;
  if (callbacks.answer === undefined) return callbacks.act === undefined;
  if (callbacks.asksBeforeDetection === true && report.answeredBy?.who === 'human') return true;
  return request.purpose === 'answer' || request.purpose === 'message';
}

async function findKnownRun({ storage }: Pick<Services, 'storage'>, call: CallAttempt): Promise<RunRow> {
  const run = await findRunOfAttempt(storage.read, call);
  if (run === undefined) throw new Error(`There is no run ${String(call.runId)} with this attempt`);
  return run;
}

export interface Authenticated {
  callbacks: Callbacks<never>;
  configuration: never;
  tools: CarrierTools;
  run: RunRow;
}

export async function authenticate(
  services: CarrierServices,
  callback: IncomingCallback,
): Promise<Authenticated> {
  const session = services.storage.read;
  const run = await findRunOfAttempt(session, callback);
  const provider = findProvider(callback.provider);
  if (run?.mode !== callback.provider || !provider?.callbacks) throw new Problem('unauthenticated', refused);
  // The configuration comes from the run, never from the request.
  const target = {
    provider: run.mode,
    configurationId: run.telephony_configuration_id,
    runId: run.id,
    attempt: run.attempt,
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
