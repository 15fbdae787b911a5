/**
 * Channels are named by us, so that an event finds its run without any memory of the dial. The Stasis application is
 * part of the name: two servers on one Asterisk never touch each other's calls.
 */
import { applicationOf, type AriConfiguration } from './configuration';

export function channelIdOf(configuration: AriConfiguration, runId: number): string {
  return `${applicationOf(configuration)}-${String(runId)}`;
}

/** The run of a channel; null when the channel is none of this configuration's. */
export function runIdOf(configuration: AriConfiguration, channelId: string): number | null {
  const prefix = `${applicationOf(configuration)}-`;
  if (!channelId.startsWith(prefix)) return null;
  const digits = channelId.slice(prefix.length);
  return /^[1-9]\d{0,9}$/.test(digits) ? Number(digits) : null;
}

/** The announcement of a channel: there is one, so a repeated order cannot play it twice. */
export function playbackIdOf(channelId: string): string {
  return `${channelId}-announcement`;
}
