/** The field that says what becomes of a step whose call was placed before, by an earlier run or by the one that is replayed. */
import { readChoice } from './fields';

/** What each step may offer. */
export const ifPlacedBeforeChoices = {
  skip: 'Skip and Stop Here',
  follow: 'Wait for That Call and Go On with Its Result',
  call_again: 'Call Again',
} as const;

export type IfPlacedBefore = keyof typeof ifPlacedBeforeChoices;

export const ifPlacedBeforeLabel = 'If the Same Call Was Placed Before';

/** @throws TriggerError `invalid_input` */
export function readIfPlacedBefore(value: unknown): IfPlacedBefore {
  const choices = Object.keys(ifPlacedBeforeChoices) as IfPlacedBefore[];
  return readChoice(ifPlacedBeforeLabel, value, choices, 'skip');
}
