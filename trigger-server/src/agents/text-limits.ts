/**
 * How long what a tenant's definition has filled in may be. A draft is saved whatever it holds, so that nothing is lost of
 * an agent that comes from Dograh; what is over a limit is not published, and is not spoken.
 */
import { hasTooManyPlaces, maximumPlaces, type JsonValue } from '@dograh-trigger/shared';

/** Characters of a greeting before it is filled in. What is spoken of it is cut at 4,000. */
export const longestGreeting = 20_000;

/** What a greeting must keep to, for refusals. */
export const greetingLimits = `A greeting can have ${longestGreeting} characters and ${maximumPlaces} places to fill in at most`;

/** @param template an agent's own greeting, or one that a caller brings along. */
export function isGreetingTooLong(template: string): boolean {
  return template.length > longestGreeting || hasTooManyPlaces(template);
}

/** What is wrong with the texts of a webhook node's payload; null: nothing. */
export function payloadFault(template: JsonValue): string | null {
  return hasTooManyPlaces(template)
    ? `A payload can have ${maximumPlaces} places to fill in at most. This one would never be sent.`
    : null;
}
