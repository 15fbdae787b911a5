/** When a carrier is asked about an open call without a new report. */
import { findProvider } from '../../carriers/registry';
import type { Services } from '../../services';

/**
 * A lost report is noticed within a minute. The pauses vary, so that calls that began together are not asked about
 * together.
 */
const shortestPauseMilliseconds = 30_000;
const longestPauseMilliseconds = 60_000;

/** @returns milliseconds; null for a provider that is never asked. */
export function questionPause({ chance }: Pick<Services, 'chance'>, providerName: string): number | null {
  if (findProvider(providerName)?.questionsPerSecond === undefined) return null;
  return chance.integer(shortestPauseMilliseconds, longestPauseMilliseconds);
}
