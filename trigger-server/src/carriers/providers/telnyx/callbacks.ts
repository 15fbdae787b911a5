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
import { announcedPart, announcementState, commandsFor, type Command } from './instructions';
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
  const commands = call.instructions.flatMap((instruction) => commandsFor(instruction, configuration.voice));
  switch (textAt(event, 'data', 'event_type') ?? '') {
    case 'call.answered':
      if (commands.length > 0) await carryOut(line, commands, 0);
      return;
    case 'call.speak.ended': {
      // Speech during a stream was commanded by the other end of the stream.
      if (commands.length === 0) return;
      if (textAt(event, 'data', 'payload', 'status') === 'call_hangup') return;
      const spoken = announcedPart(textAt(event, 'data', 'payload', 'client_state'));
      await carryOut(line, commands, spoken === null ? commands.length : spoken + 1);
      return;
    }
    // Without its stream, the call would be silent.
    case 'streaming.failed':
    case 'streaming.stopped':
      await hangUp(line);
  }
}

interface Line {
  configuration: TelnyxConfiguration;
  callId: string;
  runId: number;
  tools: CarrierTools;
}

/** Sends one of the commands, or hangs up after the last one. */
async function carryOut(line: Line, commands: readonly Command[], index: number): Promise<void> {
  const next = commands[index] ?? 'hang_up';
  if (next === 'hang_up') {
    await hangUp(line);
    return;
  }
  const reply = await command(line.configuration, line.tools, line.callId, 'speak', {
    ...next.speak,
    payload_type: 'text',
    client_state: announcementState(index),
    command_id: `announcement-${String(index)}`,
  });
  if (isObeyed(line, 'speak', reply)) return;
  // Without the announcement, the call would be silent.
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
