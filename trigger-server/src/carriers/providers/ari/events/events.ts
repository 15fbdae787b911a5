/**
 * Asterisk's events about our calls.
 * Source: https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Events_REST_API/
 */
import * as z from 'zod';

const text = z.string().max(500);

/** The fields of a channel in an event. All other fields are dropped. */
const channelEvent = z.object({
  type: z.enum(['ChannelStateChange', 'StasisStart', 'ChannelHangupRequest', 'ChannelDestroyed']),
  timestamp: text,
  channel: z.object({ id: text, state: text, creationtime: text.optional() }),
  cause: z.number().int().optional(),
  cause_txt: text.optional(),
  tech_cause: z.number().int().optional(),
});

const playbackEvent = z.object({
  type: z.enum(['PlaybackStarted', 'PlaybackFinished']),
  timestamp: text,
  playback: z.object({ id: text, state: text, target_uri: text }),
});

/** The status of a dial. Its peer is the channel that is dialled. */
const dialEvent = z.object({
  type: z.literal('Dial'),
  timestamp: text,
  peer: z.object({ id: text }),
  dialstatus: text,
});

/** The callee begins to talk, or has been silent for a while: `TALK_DETECT` of the channel. */
const talkingEvent = z.object({
  type: z.enum(['ChannelTalkingStarted', 'ChannelTalkingFinished']),
  timestamp: text,
  channel: z.object({ id: text }),
});

const recordingEvent = z.object({
  type: z.enum(['RecordingFinished', 'RecordingFailed']),
  timestamp: text,
  recording: z.object({ name: text, target_uri: text }),
});

/** Another client has connected as the same application, so Asterisk sends this one no more events. */
const replacedEvent = z.object({ type: z.literal('ApplicationReplaced') });

const anyEvent = z.discriminatedUnion('type', [
  channelEvent,
  playbackEvent,
  dialEvent,
  talkingEvent,
  recordingEvent,
  replacedEvent,
]);

export type ChannelEvent = z.output<typeof channelEvent>;
export type PlaybackEvent = z.output<typeof playbackEvent>;
/** What happens within a conversation. */
export type TalkEvent = z.output<typeof talkingEvent> | z.output<typeof recordingEvent> | PlaybackEvent;
export type AriEvent = z.output<typeof anyEvent>;
/** An event about a call. */
export type CallEvent = Exclude<AriEvent, { type: 'ApplicationReplaced' }>;

/** Null for an event that we do not use, and for anything that is not an event. */
export function readEvent(value: unknown): AriEvent | null {
  const parsed = anyEvent.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** The channel that an event is about. */
export function channelIdIn(event: CallEvent): string {
  if (event.type === 'Dial') return event.peer.id;
  if ('channel' in event) return event.channel.id;
  const { target_uri: target } = 'playback' in event ? event.playback : event.recording;
  return target.replace(/^channel:/, '');
}

/** @param announcementId of the playback that belongs to no conversation. @returns null for what happens beside a conversation. */
export function talkEventIn(event: CallEvent, announcementId: string): TalkEvent | null {
  switch (event.type) {
    case 'ChannelTalkingStarted':
    case 'ChannelTalkingFinished':
    case 'RecordingFinished':
    case 'RecordingFailed':
      return event;
    case 'PlaybackStarted':
    case 'PlaybackFinished':
      return event.playback.id === announcementId ? null : event;
    case 'ChannelStateChange':
    case 'StasisStart':
    case 'ChannelHangupRequest':
    case 'ChannelDestroyed':
    case 'Dial':
      return null;
  }
}
