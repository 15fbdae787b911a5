/** When a carrier is asked about an open call of which nothing new is heard. */
import { findProvider } from '../../carriers/registry';
import type { Services } from '../../services';

/** A lost report is made up for within a minute; spread, so that calls which began together are not asked about together. */
const shortestPauseMilliseconds = 30_000;
const longestPauseMilliseconds = 60_000;

/** @returns milliseconds; null for a provider that is not asked. */
export function questionPause({ chance }: Pick<Services, 'chance'>, providerName: string): number | null {
  if (findProvider(providerName)?.questionsPerSecond === undefined) return null;
  return chance.integer(shortestPauseMilliseconds, longestPauseMilliseconds);
}
