/** What Asterisk is told to do about a call, until it has done it or nobody can know. */
import { describeError } from '../../../describe-error';
import { retryLater } from '../../../retry-later';
import type { AnsweredCall } from '../../port/call';
import type { CarrierTools } from '../../port/tools';
import type { AriConfiguration } from './configuration';
import { hangUp, isPlaying, limitCall, play } from './requests';

/** Hangs up; where Asterisk is out of reach, it is told again later. */
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

/** Of `play`: there is no such channel, it is not in our application, or not in a state to be played to. */
const goneStatuses = new Set([404, 409, 412]);

/**
 * Plays the announcement of a call, within the longest duration that its agent allows now.
 *
 * @returns `gone` where the call had ended meanwhile, or is in other hands. Where Asterisk's answer is lost, it is asked:
 * nobody should listen to silence.
 */
export async function playAnnouncement(
  configuration: AriConfiguration,
  channelId: string,
  { runId, call }: { runId: number; call: AnsweredCall },
  tools: CarrierTools,
): Promise<'played' | 'gone' | 'failed'> {
  try {
    await limitCall(configuration, channelId, call.maxCallDurationSeconds, tools);
  } catch (error) {
    tools.log.warn({ runId, error: describeError(error) }, 'a call keeps the limit that it was dialled with');
  }
  try {
    const reply = await play(configuration, channelId, call.callbackUrl('announcement'), tools);
    if (reply.status === 201) return 'played';
    return goneStatuses.has(reply.status) ? 'gone' : 'failed';
  } catch (error) {
    tools.log.warn({ runId, error: describeError(error) }, 'Asterisk did not answer to an announcement');
  }
  try {
    return (await isPlaying(configuration, channelId, tools)) === true ? 'played' : 'failed';
  } catch {
    // Asterisk is out of reach, and so is the call: its connection tells when it is back.
    return 'failed';
  }
}
