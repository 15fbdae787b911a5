/** How a conversation ends: its disposition and its tags, in `gathered_context`. */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';
import type { EndReason } from './port';
import type { TalkState } from './state';
import { plain } from './speech/words';

/** Calls can be filtered by their disposition, and it outlives them, so it is a word and not a text of the call. */
const word = /^[a-z0-9_]{1,64}$/;
const longestTag = 64;
/** Of a text that may be a disposition. */
const mostRead = 200;

/** The disposition of a callee who does not want to be called again. */
export const doNotCall = 'do_not_call';

/** As models write it, in lower case and with one `_` between words. */
const spellings: ReadonlySet<string> = new Set([
  ...[doNotCall, 'do_not_call_again', 'do_not_call_list', 'donotcall', 'dnc'],
  ...['don_t_call', 'don_t_call_again', 'dont_call', 'dont_call_again', 'never_call_again'],
]);

/** Whether a reason for the end of a call says that the callee does not want to be called again. */
export function asksForNoCalls(reason: JsonValue | undefined): boolean {
  const text = typeof reason === 'string' ? reason.slice(0, mostRead) : '';
  const words = text.toLowerCase().split(/[^a-z]/);
  return spellings.has(words.filter((word) => word !== '').join('_'));
}

/** A text of the model as a disposition: `Not interested` is `not_interested`. Null where it is no such word. */
export function asDisposition(value: JsonValue | undefined): string | null {
  if (typeof value !== 'string') return null;
  const text = value.slice(0, mostRead).trim().toLowerCase().replace(/[\s-]/g, '_');
  return word.test(text) ? text : null;
}

/** Writes the disposition: the one that a tool or a variable has set, else the reason of the end. */
export function withDisposition(gathered: JsonObject, reason: EndReason): JsonObject {
  const disposition = asDisposition(gathered.call_disposition) ?? reason;
  return withTags(
    { ...gathered, call_disposition: disposition, mapped_call_disposition: disposition },
    disposition,
  );
}

/** What is known once every value is extracted: a variable may be the disposition, and those named `tag_…` are tags. */
export function concluded({ gathered, ended, messages }: TalkState): JsonObject {
  if (ended === null) return gathered;
  const tags = Object.entries(gathered).flatMap(([name, value]) =>
    name.startsWith('tag_') && typeof value === 'string' && value !== ''
      ? [plain(value).slice(0, longestTag).toWellFormed()]
      : [],
  );
  const speech = messages.some(({ role }) => role === 'user') ? ['user_speech'] : [];
  return withTags(withDisposition(gathered, ended), ...speech, ...tags);
}

export function withTags(gathered: JsonObject, ...tags: string[]): JsonObject {
  const known = Array.isArray(gathered.call_tags) ? gathered.call_tags : [];
  return { ...gathered, call_tags: [...new Set([...known, ...tags])] };
}
