/** The end of a conversation. */
import type { CallAttempt } from '../../carriers/port/call-name';
import type { TalkEnd } from '../../carriers/port/talk';
import { concluded } from '../engine/endings';
import { newTalk, type TalkState } from '../engine/state';
import { extractValues } from './extract-values';
import { talkQuery } from './store';
import type { TalkServices } from './talk-services';

/**
 * The end of a conversation, with every value that could be extracted. It changes nothing, so it can be asked for again.
 * A conversation that was left without an end has failed: a call must not stay open for it.
 * @returns null while another one extracts its values: ask again in a while.
 */
export async function endTalk(services: TalkServices, call: CallAttempt): Promise<TalkEnd | null> {
  if ((await extractValues(services, call)) === 'busy') return null;
  const { runId, attempt } = call;
  const row = await talkQuery.first(services.storage.read, { runId, attempt });
  const state = row === undefined ? newTalk() : (JSON.parse(row.state) as TalkState);
  const ended = state.ended ?? 'pipeline_error';
  const gathered = concluded({ ...state, ended });
  const { call_disposition: disposition } = gathered;
  return {
    conversation: {
      disposition: typeof disposition === 'string' ? disposition : null,
      gathered,
      utterances: [],
      omitted: [],
      isWhole: true,
      usage: null,
      cost: null,
    },
    hungUpBy: ended === 'user_hangup' ? 'callee' : 'agent',
    error:
      state.ended === null
        ? 'The conversation stopped without an end'
        : ended === 'pipeline_error'
          ? 'The language model failed in several turns in a row'
          : null,
  };
}
