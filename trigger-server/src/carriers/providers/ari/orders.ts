/** Orders to Asterisk about a call, repeated until they are done or their outcome stays unknown. */
import { describeError } from '../../../describe-error';
import { retryLater } from '../../../retry-later';
import type { AnsweredCall } from '../../port/call';
import type { CarrierTools } from '../../port/tools';
import type { AriConfiguration } from './configuration';
import { hangUp, isPlaying, limitCall, play } from './requests';

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

/**
 * Plays the announcement of a call, within the longest duration that its agent allows now.
 *
 * @returns `gone` when the call has ended meanwhile, or is in another application. When Asterisk's reply is lost, its
 * status is requested, so that the callee does not hear silence.
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
    // Neither Asterisk nor the call can be reached. The connection notices when Asterisk is back.
    return 'failed';
  }
}
