/**
 * The frames of a conversation relay, as several vendors have them. Sources:
 * https://www.twilio.com/docs/voice/conversationrelay/websocket-messages and
 * https://developers.telnyx.com/docs/voice/conversation-relay
 */
import * as z from 'zod';
import { parseJson } from '../../kit/dial';
import type { FromRelay, Relay } from '../../port/talk';

/** Of what was recognised. The engine keeps less. */
const mostCharacters = 10_000;

const text = z.string().transform((words) => words.slice(0, mostCharacters).toWellFormed());

const setup = z.object({
  type: z.literal('setup'),
  callSid: z.string().optional(),
  callControlId: z.string().optional(),
});

/** Frames after the setup. Vendors add fields and types. */
const frames = z.discriminatedUnion('type', [
  setup,
  z.object({ type: z.literal('prompt'), voicePrompt: text, last: z.boolean().default(true) }),
  z.object({ type: z.literal('interrupt'), utteranceUntilInterrupt: text.default('') }),
  z.object({ type: z.literal('dtmf'), digit: z.string().regex(/^[\d*#A-D]$/) }),
  z.object({ type: z.literal('error') }),
  z.object({ type: z.literal('info') }),
]);

export function readFrame(frame: string): FromRelay | null {
  const { data } = frames.safeParse(parseJson(frame));
  switch (data?.type) {
    case undefined:
      return null;
    case 'setup':
      return { kind: 'begun', callId: data.callControlId ?? data.callSid ?? null };
    case 'prompt':
      return { kind: 'said', text: data.voicePrompt, isWhole: data.last };
    case 'interrupt':
      return { kind: 'interrupted', spoken: data.utteranceUntilInterrupt };
    case 'dtmf':
      return { kind: 'digit', digit: data.digit };
    case 'error':
      return { kind: 'fault' };
    case 'info':
      return { kind: 'other' };
  }
}

/** The frames that we send. An empty token ends what is said. */
export const writeFrames: Pick<Relay<never>, 'say' | 'end'> = {
  say: ({ text: token, isLast, isInterruptible }) =>
    JSON.stringify({ type: 'text', token, last: isLast, interruptible: isInterruptible }),
  end: () => JSON.stringify({ type: 'end', handoffData: ended }),
};

/** What the carrier gives back with its report of the end. */
export const ended = 'ended';
