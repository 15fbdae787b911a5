/** The number of a transfer that is chosen by what is known of the call. */
import { lookUp, type JsonObject, type TransferCallConfig } from '@dograh-trigger/shared';

/**
 * The destination of the first rule that has one for its value: upper and lower case, and white space around it, do not
 * count.
 * @param context the initial context, flat, and over it what was gathered. @returns null where no rule has one.
 */
export function mappedDestination(
  { context_mapping: mapping }: TransferCallConfig,
  context: JsonObject,
): string | null {
  for (const { context_path: path, routes } of mapping?.rules ?? []) {
    const value = lookUp(withoutPrefix(path.trim()), context);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    const route = routes.find(
      ({ context_value: wanted }) => comparable(wanted) === comparable(String(value)),
    );
    if (route !== undefined) return route.destination;
  }
  const { fallback_destination: fallback } = mapping ?? {};
  return fallback == null || fallback.trim() === '' ? null : fallback;
}

/** What was gathered stands beside the initial context. */
function withoutPrefix(path: string): string {
  return path.replace(/^(?:gathered_context|extracted_variables)\./, '');
}

/** As two values of a rule are compared. */
export function comparable(value: string): string {
  return value.trim().toLowerCase();
}
