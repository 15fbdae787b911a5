/**
 * `client_state`: what Telnyx hands back with every later webhook of a call, and to the media stream in its `start`
 * message. Source: https://developers.telnyx.com/docs/voice/programmable-voice/media-streaming
 */

/** Telnyx documents no limit, but it travels with every webhook. */
const longestState = 4000;

const announcement = /^announcement:(\d{1,3})$/;

/** While a part of the announcement is spoken. */
export function announcementState(part: number): string {
  return encode(`announcement:${String(part)}`);
}

/** Which part of the announcement a webhook is about; null when it is about none. */
export function announcedPart(state: string | undefined): number | null {
  const part = announcement.exec(Buffer.from(state ?? '', 'base64').toString('utf8'))?.[1];
  return part === undefined ? null : Number(part);
}

/** Base64 of a JSON object. Parameters that do not fit are left out. */
export function streamState(parameters: Record<string, string>): string {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (stateOf({ ...kept, [name]: value }).length <= longestState) kept[name] = value;
  }
  return stateOf(kept);
}

function stateOf(parameters: Record<string, string>): string {
  return encode(JSON.stringify(parameters));
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}
