/** The field that says what becomes of a step whose call was placed before, by an earlier run or by the one that is replayed. */
import { readChoice } from './fields';

/** What each step may offer. */
export const ifPlacedBeforeChoices = {
  skip: 'Skip and Stop Here',
  follow: 'Wait for That Call and Go On with Its Result',
  call_again: 'Call Again',
} as const;

export type IfPlacedBefore = keyof typeof ifPlacedBeforeChoices;

/** What each choice does, in Markdown. */
export const ifPlacedBeforeHelp: Record<IfPlacedBefore, string> = {
  skip: `*${ifPlacedBeforeChoices.skip}* calls nobody, and says when the call was placed.`,
  follow:
    `*${ifPlacedBeforeChoices.follow}* calls nobody either: the step runs again every minute or two until that call has ` +
    'ended, and goes on with its result.',
  call_again: `*${ifPlacedBeforeChoices.call_again}* calls every time, also when a step is replayed whose call was placed.`,
};

export const ifPlacedBeforeLabel = 'If the Same Call Was Placed Before';

/** @param offered by the step. @throws TriggerError `invalid_input` */
export function readIfPlacedBefore(value: unknown, offered: readonly IfPlacedBefore[]): IfPlacedBefore {
  return readChoice(ifPlacedBeforeLabel, value, offered, 'skip');
}
