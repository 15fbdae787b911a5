/** What was said in a call, as a list in the output. Its whole text may be longer than an item should be. */
import { utterancesIn, type Run, type Utterance } from '@dograh-trigger/shared';
import type { IDataObject } from 'n8n-workflow';

/** About as much as is said in twenty minutes, the longest call of Dograh. Without a bound on the count, single letters fill an item. */
const mostCharacters = 30_000;
const mostUtterances = 500;

/** The field of one utterance. */
export function utteranceField({ speaker, startedAt, text }: Utterance): IDataObject {
  return { speaker, started_at: startedAt, text };
}

/** The newest utterances of a call, and how many older ones have no room. Get Transcript gives all of them. */
export function newestUtterances(run: Run): IDataObject {
  const all = utterancesIn(run);
  let room = mostCharacters;
  const tooOld = all.findLastIndex(({ text }, index) => {
    room -= text.length;
    return room < 0 || all.length - index > mostUtterances;
  });
  return { utterances: all.slice(tooOld + 1).map(utteranceField), utterances_omitted: tooOld + 1 };
}
