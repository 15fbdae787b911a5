/** Orders to Asterisk about a call, repeated until they are done or their outcome stays unknown. */
import { describeError } from '../../../describe-error';
import { retryLater } from '../../../retry-later';
import type { CarrierTools } from '../../port/tools';
import type { AriConfiguration } from './configuration';
import { hangUp, isPlaying, isUserRefused, limitCall, play } from './requests';

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

/**
 * Plays the announcement of a call.
 *
 * @returns `gone` when the call has ended meanwhile, or is in another application; `refused` when Asterisk refuses the
 * user. When Asterisk's reply is lost, its status is requested, so that the callee does not hear silence.
 */
export async function playAnnouncement(
  configuration: AriConfiguration,
  channelId: string,
  { runId, wavUrl, limitSeconds }: Announcement,
  tools: CarrierTools,
): Promise<'played' | 'gone' | 'refused' | 'failed'> {
  try {
    await limitCall(configuration, channelId, limitSeconds, tools);
  } catch (error) {
    tools.log.warn({ runId, error: describeError(error) }, 'a call keeps the limit that it was dialled with');
  }
  try {
    const { status } = await play(configuration, channelId, wavUrl, tools);
    if (status === 201) return 'played';
    if (isUserRefused(status)) return 'refused';
    return goneStatuses.has(status) ? 'gone' : 'failed';
  } catch (error) {
    tools.log.warn({ runId, error: describeError(error) }, 'Asterisk did not answer to an announcement');
  }
  try {
    return (await isPlaying(configuration, channelId, tools)) === true ? 'played' : 'failed';
  } catch {
    // Neither Asterisk nor the call can be reached. The connection notices when Asterisk is back.
    return 'failed';
  }
}
