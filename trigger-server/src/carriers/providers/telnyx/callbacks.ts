/**
 * Telnyx's reports, and the commands that follow them. Telnyx takes commands instead of an answer document.
 * Source: https://developers.telnyx.com/docs/voice/programmable-voice/sending-commands
 */
import { verify } from 'node:crypto';
import { Problem } from '../../../problem';
import { readFrame, writeFrames } from '../../dialects/conversation-relay/frames';
import { textAt } from '../../kit/dial';
import { jsonBody } from '../../kit/form';
import { isRecent } from '../../kit/signature';
import type { AnsweredCall } from '../../port/call';
import { unsigned, type CallbackRequest, type Callbacks } from '../../port/callback';
import { isOnlyHungUp } from '../../port/instructions';
import type { Recording } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import { bytesOf, publicKeyOf, type TelnyxConfiguration } from './configuration';
import {
  closingOf,
  closingState,
  commandsFor,
  speechState,
  spokenPart,
  type Command,
  type Speak,
  type SpokenPart,
} from './instructions';
import { command, hasEnded, recordingOf, type CommandReply } from './requests';
import { statusReport } from './statuses';

export const callbacks: Callbacks<TelnyxConfiguration> = {
  // No signature of a relay's handshake is documented: our HMAC in its address counts once, and its first frame must name
  // the run's call.
  verify: (configuration, request) =>
    request.purpose === 'relay' ? unsigned() : isSigned(configuration.webhook_public_key, request),
  readStatus: (request) => statusReport(eventOf(request), request.receivedAt),
  readRecording,
  relay: {
    isChosen: () => true,
    read: readFrame,
    ...writeFrames,
    isClosing: (report) => {
      const body = jsonBody(report);
      return textAt(body, 'data', 'event_type') === 'call.speak.started' && stateIn(body) === closingState;
    },
    // It requests no documents.
    wasEnded: () => false,
  },
  act,
};

function stateIn(event: unknown): string | undefined {
  return textAt(event, 'data', 'payload', 'client_state');
}

const signatureBytes = 64;
const toleranceSeconds = 300;

/** Ed25519 over timestamp and body. Source: https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks */
function isSigned(publicKey: string, request: CallbackRequest): boolean {
  const key = publicKeyOf(publicKey);
  const signature = bytesOf(request.header('telnyx-signature-ed25519') ?? '', signatureBytes);
  const timestamp = request.header('telnyx-timestamp') ?? '';
  if (key === null || signature === null || !/^\d{1,12}$/.test(timestamp)) return false;
  if (!isRecent(request, Number(timestamp), toleranceSeconds)) return false;
  return verify(null, Buffer.concat([Buffer.from(`${timestamp}|`), request.body]), key, signature);
}

function eventOf(request: CallbackRequest): unknown {
  const body = jsonBody(request);
  if (textAt(body, 'data', 'event_type') === undefined) {
    throw new Problem('bad_request', 'A webhook of Telnyx must say data.event_type');
  }
  return body;
}

function readRecording(request: CallbackRequest): Recording | null {
  const event = eventOf(request);
  const callLegId = textAt(event, 'data', 'payload', 'call_leg_id');
  const isSaved = textAt(event, 'data', 'event_type') === 'call.recording.saved';
  return isSaved && callLegId !== undefined ? recordingOf(callLegId) : null;
}

/** Each command has an id that is unique within the call, so a repeated webhook does not repeat a command. */
async function act(
  configuration: TelnyxConfiguration,
  request: CallbackRequest,
  loadCall: () => Promise<AnsweredCall>,
  tools: CarrierTools,
): Promise<void> {
  const event = eventOf(request);
  const callId = textAt(event, 'data', 'payload', 'call_control_id');
  if (callId === undefined) return;
  const call = await loadCall();
  const line: Line = { configuration, callId, runId: call.runId, tools };
  const speech = speechOf(call, configuration);
  switch (textAt(event, 'data', 'event_type') ?? '') {
    case 'call.answered':
      if (speech.commands.length > 0 && !isTooEarly(call)) await carryOut(line, speech, 0);
      return;
    case 'call.machine.detection.ended':
    case 'call.machine.premium.detection.ended':
      await afterDetection(line, call, speech);
      return;
    case 'call.machine.greeting.ended':
    case 'call.machine.premium.greeting.ended':
      await afterGreeting(line, call, speech);
      return;
    case 'call.speak.ended':
      if (textAt(event, 'data', 'payload', 'status') === 'call_hangup') return;
      if (stateIn(event) === closingState) await hangUp(line);
      // What a relay speaks is none of our commands.
      else if (!isRelayed(call)) await afterSpeech(line, call, speech, spokenPart(stateIn(event)));
      return;
    case 'call.conversation.ended':
      await endWithoutRelay(line, speech);
      return;
    // Without its stream, the call would be silent.
    case 'streaming.failed':
    case 'streaming.stopped':
      await hangUp(line);
  }
}

/** The commands of a call, which speak the announcement or the message for a machine. */
interface Speech {
  text: SpokenPart['text'];
  commands: readonly Command[];
  /** What is said where a relay breaks off; null: nothing. */
  closing: Speak | null;
}

function speechOf({ instructions, voicemail }: AnsweredCall, { voice }: TelnyxConfiguration): Speech {
  return {
    text: (voicemail?.message ?? null) === null ? 'announcement' : 'message',
    commands: instructions.flatMap((instruction) => commandsFor(instruction, voice)),
    closing:
      instructions.map((instruction) => closingOf(instruction, voice)).find((one) => one !== null) ?? null,
  };
}

/** Where a machine is to hear nothing, nothing is spoken before it is known who answered. */
function isTooEarly({ voicemail }: AnsweredCall): boolean {
  return voicemail?.action === 'hang_up' && voicemail.answeredBy === null;
}

async function afterDetection(line: Line, { voicemail }: AnsweredCall, speech: Speech): Promise<void> {
  if (voicemail?.action === 'hang_up') await carryOut(line, speech, 0);
  if (voicemail?.action !== 'leave_message' || voicemail.message !== null) return;
  if (voicemail.isAnnouncementHeard && !voicemail.isMessagePossible) await hangUp(line);
}

/**
 * Telnyx may report the end of a greeting whoever answered. A machine whose greeting has no end that can be found gets no
 * message, and a person hears the announcement to its end.
 * @throws Problem unavailable while it is not known who answered: webhooks may arrive in any order.
 */
async function afterGreeting(
  line: Line,
  { instructions, voicemail }: AnsweredCall,
  speech: Speech,
): Promise<void> {
  if (voicemail?.action !== 'leave_message') return;
  if (voicemail.message === 'due') await carryOut(line, speech, 0);
  else if (voicemail.message === null && voicemail.answeredBy === 'machine') await hangUp(line);
  else if (voicemail.answeredBy === null && !isOnlyHungUp(instructions)) {
    throw new Problem('unavailable', 'It is not known yet who answered; deliver this webhook again');
  }
}

/** @param spoken what has just been spoken; null for a speech that is not ours. */
async function afterSpeech(
  line: Line,
  { voicemail }: AnsweredCall,
  speech: Speech,
  spoken: SpokenPart | null,
): Promise<void> {
  // Speech during a stream was commanded by the other end of the stream.
  if (speech.commands.length === 0) return;
  // The message has replaced the announcement.
  if (spoken?.text === 'announcement' && speech.text === 'message') return;
  if (spoken?.isLast === true && voicemail?.isMessagePossible === true) return;
  await carryOut(line, speech, spoken === null ? speech.commands.length : spoken.part + 1);
}

interface Line {
  configuration: TelnyxConfiguration;
  callId: string;
  runId: number;
  tools: CarrierTools;
}

function isRelayed({ instructions }: AnsweredCall): boolean {
  return instructions.some(({ name }) => name === 'relay');
}

/** The call ends without its relay: in words where its conversation has not come to its end. */
async function endWithoutRelay(line: Line, { closing }: Pick<Speech, 'closing'>): Promise<void> {
  const { configuration, tools, callId } = line;
  if (closing !== null) {
    const fields = { ...closing, payload_type: 'text', client_state: closingState, command_id: 'closing' };
    const reply = await command(configuration, tools, callId, 'speak', fields);
    if (isObeyed(line, 'speak', reply)) return;
  }
  await hangUp(line);
}

/** Sends one of the commands, or hangs up after the last one. */
async function carryOut(line: Line, speech: Speech, index: number): Promise<void> {
  const { text, commands } = speech;
  const next = commands[index] ?? 'hang_up';
  if (next === 'hang_up') {
    await hangUp(line);
    return;
  }
  if ('relay' in next) {
    const { configuration, tools, callId } = line;
    const fields = { ...next.relay, command_id: 'relay' };
    const reply = await command(configuration, tools, callId, 'conversation_relay_start', fields);
    // Without its relay, the call would be silent.
    if (!isObeyed(line, 'conversation_relay_start', reply)) await endWithoutRelay(line, speech);
    return;
  }
  const isLast = (commands[index + 1] ?? 'hang_up') === 'hang_up';
  const reply = await command(line.configuration, line.tools, line.callId, 'speak', {
    ...next.speak,
    payload_type: 'text',
    // The message does not wait for an announcement that is still being spoken.
    ...(text === 'message' && index === 0 ? { stop: 'all' } : {}),
    client_state: speechState({ text, part: index, isLast }),
    command_id: `${text}-${String(index)}`,
  });
  if (isObeyed(line, 'speak', reply)) return;
  // Without its speech, the call would be silent.
  await hangUp(line);
}

async function hangUp(line: Line): Promise<void> {
  const reply = await command(line.configuration, line.tools, line.callId, 'hangup', {
    command_id: 'hangup',
  });
  isObeyed(line, 'hangup', reply);
}

/**
 * False for a command that Telnyx will never accept.
 * @throws Problem unavailable for a command that it may accept later, so that Telnyx delivers the webhook again.
 */
function isObeyed({ tools, runId }: Line, action: string, reply: CommandReply): boolean {
  if (reply.status < 300 || hasEnded(reply)) return true;
  tools.log.warn({ runId, action, status: reply.status }, 'Telnyx did not take a command');
  if (reply.status >= 500 || reply.status === 429) {
    throw new Problem('unavailable', 'Telnyx did not take a command; deliver this webhook again');
  }
  return false;
}
