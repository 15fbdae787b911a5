/** When a carrier is asked about an open call without a new report. */
import { findProvider } from '../../carriers/registry';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { ringTimeLeft, type RingingRun } from './ring-time';

/**
 * A lost report is noticed within a minute. The pauses vary, so that calls that began together are not asked about
 * together.
 */
const shortestPauseMilliseconds = 30_000;
const longestPauseMilliseconds = 60_000;

/** A dial without a reply is not in flight any more after this time. */
const longestDialMilliseconds = 20_000;

/** @returns milliseconds; null for a provider that is never asked. */
export function questionPause(services: Pick<Services, 'chance'>, providerName: string): number | null {
  return findProvider(providerName)?.questionsPerSecond === undefined ? null : usualPause(services);
}

/**
 * The time of the first follow-up of a dial. A carrier with a lasting connection reports by events, and is asked once:
 * the call of a lost reply may not exist, and then it has no event.
 * @returns milliseconds; null for a provider that is never asked.
 */
export function firstPause(
  services: Pick<Services, 'chance'>,
  providerName: string,
  outcome: 'placed' | 'unknown',
): number | null {
  if (findProvider(providerName)?.connect === undefined) return questionPause(services, providerName);
  return outcome === 'unknown' ? longestDialMilliseconds : usualPause(services);
}

function usualPause({ chance }: Pick<Services, 'chance'>): number {
  return chance.integer(shortestPauseMilliseconds, longestPauseMilliseconds);
}

/**
 * The time of the next question about a run: after a pause, or when the call has rung long enough, if that is sooner.
 * @returns milliseconds; null for a provider that is never asked.
 */
export async function nextQuestion(
  services: Pick<Services, 'clock' | 'chance'>,
  session: Session,
  run: RingingRun,
): Promise<number | null> {
  const pause = questionPause(services, run.mode);
  const left = await ringTimeLeft(services, session, run);
  return pause === null || left === null || left <= 0 ? pause : Math.min(pause, left);
}
