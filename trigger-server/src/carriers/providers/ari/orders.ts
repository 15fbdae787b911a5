/** Orders to Asterisk about a call, repeated until they are done or their outcome stays unknown. */
import { describeError } from '../../../describe-error';
import { retryLater } from '../../../retry-later';
import type { CarrierTools } from '../../port/tools';
import { playbackIdOf, type AriConfiguration } from './configuration';
import { hangUp, isPlaying, isUserRefused, limitCall, play, type Sound } from './requests';

/** Hangs up. When Asterisk cannot be reached, the order is sent again later. */
export async function surelyHangUp(
  configuration: AriConfiguration,
  channelId: string,
  tools: CarrierTools,
): Promise<void> {
  try {
    await hangUp(configuration, channelId, tools);
  } catch (error) {
    const stuck = 'Asterisk could not be told to hang up; it is told again';
    tools.log.error({ error: describeError(error) }, stuck);
    retryLater(tools, stuck, async () => {
      await hangUp(configuration, channelId, tools);
    });
  }
}

/** Replies to `play`: there is no such channel, or it is not in our application, or its state does not allow a sound. */
const goneStatuses = new Set([404, 409, 412]);

export interface Announcement {
  runId: number;
  /** Where Asterisk downloads the sound. */
  wavUrl: string;
  /** How long the call may last from now. */
  limitSeconds: number;
}

/** Limits a call that has been answered. @param seconds from now. */
export async function limitAnsweredCall(
  configuration: AriConfiguration,
  channelId: string,
  { runId, seconds }: { runId: number; seconds: number },
  tools: CarrierTools,
): Promise<void> {
  try {
    await limitCall(configuration, channelId, seconds, tools);
  } catch (error) {
    tools.log.warn({ runId, error: describeError(error) }, 'a call keeps the limit that it was dialled with');
  }
}

/** Plays the announcement of a call. @returns as `playSound`. */
export async function playAnnouncement(
  configuration: AriConfiguration,
  channelId: string,
  { runId, wavUrl, limitSeconds }: Announcement,
  tools: CarrierTools,
): Promise<Played> {
  await limitAnsweredCall(configuration, channelId, { runId, seconds: limitSeconds }, tools);
  const sound = { runId, wavUrl, playbackId: playbackIdOf(channelId) };
  return playSound(configuration, channelId, sound, tools);
}

export type Played = 'played' | 'gone' | 'refused' | 'failed';

/**
 * @returns `gone` when the call has ended meanwhile, or is in another application; `refused` when Asterisk refuses the
 * user. When Asterisk's reply is lost, its status is requested, so that the callee does not hear silence.
 */
export async function playSound(
  configuration: AriConfiguration,
  channelId: string,
  { runId, ...sound }: Sound & { runId: number },
  tools: CarrierTools,
): Promise<Played> {
  try {
    const { status } = await play(configuration, channelId, sound, tools);
    if (status === 201) return 'played';
    if (isUserRefused(status)) return 'refused';
    return goneStatuses.has(status) ? 'gone' : 'failed';
  } catch (error) {
    tools.log.warn(
      { runId, error: describeError(error) },
      'Asterisk did not answer to the order to play a sound',
    );
  }
  try {
    return (await isPlaying(configuration, sound.playbackId, tools)) === true ? 'played' : 'failed';
  } catch {
    // Neither Asterisk nor the call can be reached. The connection notices when Asterisk is back.
    return 'failed';
  }
}
