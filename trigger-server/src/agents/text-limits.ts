/**
 * Limits of the texts in a definition whose variables are filled in. A draft over a limit can be saved, so that an
 * agent imported from Dograh loses nothing, but it cannot be published, and the text is not spoken.
 */
import { hasTooManyPlaces, maximumPlaces, type JsonValue } from '@dograh-trigger/shared';

/** The most characters of a greeting before variables are filled in. The rendered text is cut at 4,000. */
export const longestGreeting = 20_000;

/** The limits in words, for refusals. */
export const greetingLimits = `A greeting can have ${longestGreeting} characters and ${maximumPlaces} places to fill in at most`;

/** @param template an agent's own greeting, or a caller's `greeting_override`. */
export function isGreetingTooLong(template: string): boolean {
  return template.length > longestGreeting || hasTooManyPlaces(template);
}

/** The fault of a webhook node's payload template; null when there is none. */
export function payloadFault(template: JsonValue): string | null {
  return hasTooManyPlaces(template)
    ? `A payload can have ${maximumPlaces} places to fill in at most. This one would never be sent.`
    : null;
}
