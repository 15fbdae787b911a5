/**
 * Telnyx's reports, and the commands that follow them. Telnyx takes commands instead of an answer document.
 * Source: https://developers.telnyx.com/docs/voice/programmable-voice/sending-commands
 */
import { verify } from 'node:crypto';
import { Problem } from '../../../problem';
import { textAt } from '../../kit/dial';
import { jsonBody } from '../../kit/form';
import { isRecent } from '../../kit/signature';
import type { AnsweredCall } from '../../port/call';
import type { CallbackRequest, Callbacks } from '../../port/callback';
import type { Recording } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import { bytesOf, publicKeyOf, type TelnyxConfiguration } from './configuration';
import { commandsFor, speechState, spokenPart, type Command, type SpokenPart } from './instructions';
import { command, hasEnded, recordingOf, type CommandReply } from './requests';
import { statusReport } from './statuses';

export const callbacks: Callbacks<TelnyxConfiguration> = {
  verify: (configuration, request) => isSigned(configuration.webhook_public_key, request),
  readStatus: (request) => statusReport(eventOf(request), request.receivedAt),
  readRecording,
  act,
};

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
      if (call.voicemail?.action !== 'leave_message') return;
      if (call.voicemail.isMessage) await carryOut(line, speech, 0);
      else await hangUp(line);
      return;
    case 'call.speak.ended':
      if (textAt(event, 'data', 'payload', 'status') === 'call_hangup') return;
      await afterSpeech(line, call, speech, spokenPart(textAt(event, 'data', 'payload', 'client_state')));
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
}

function speechOf({ instructions, voicemail }: AnsweredCall, { voice }: TelnyxConfiguration): Speech {
  return {
    text: voicemail?.isMessage === true ? 'message' : 'announcement',
    commands: instructions.flatMap((instruction) => commandsFor(instruction, voice)),
  };
}

/** Where a machine is to hear nothing, nothing is spoken before it is known who answered. */
function isTooEarly({ voicemail }: AnsweredCall): boolean {
  return voicemail?.action === 'hang_up' && voicemail.answeredBy === null;
}

async function afterDetection(line: Line, { voicemail }: AnsweredCall, speech: Speech): Promise<void> {
  if (voicemail?.action === 'hang_up') await carryOut(line, speech, 0);
  const isOver = voicemail?.isAnnouncementHeard === true && !voicemail.isMessagePossible;
  if (voicemail?.action === 'leave_message' && isOver) await hangUp(line);
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

/** Sends one of the commands, or hangs up after the last one. */
async function carryOut(line: Line, { text, commands }: Speech, index: number): Promise<void> {
  const next = commands[index] ?? 'hang_up';
  if (next === 'hang_up') {
    await hangUp(line);
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
