/** The field that decides what a step does when its call was placed before, by another run or by the replayed one. */
import { readChoice } from './fields';

/** All choices; a step offers some of them. */
export const ifPlacedBeforeChoices = {
  skip: 'Skip and Stop Here',
  follow: 'Wait for That Call and Go On with Its Result',
  call_again: 'Call Again',
} as const;

export type IfPlacedBefore = keyof typeof ifPlacedBeforeChoices;

/** Help text for each choice, in Markdown. */
export const ifPlacedBeforeHelp: Record<IfPlacedBefore, string> = {
  skip: `*${ifPlacedBeforeChoices.skip}* calls nobody, and says when the call was placed.`,
  follow:
    `*${ifPlacedBeforeChoices.follow}* calls nobody either: the step runs again every minute or two until that call has ` +
    'ended, and goes on with its result.',
  call_again: `*${ifPlacedBeforeChoices.call_again}* calls every time, also when a step is replayed whose call was placed.`,
};

export const ifPlacedBeforeLabel = 'If the Same Call Was Placed Before';

/** @param offered the choices of the step. @throws TriggerError `invalid_input` */
export function readIfPlacedBefore(value: unknown, offered: readonly IfPlacedBefore[]): IfPlacedBefore {
  return readChoice(ifPlacedBeforeLabel, value, offered, 'skip');
}
