/**
 * What Dograh says in English and in no other way. The bundled server gives a code beside each of its sentences, and with
 * a code no sentence decides anything: these decide only about Dograh, and only here (Dograh: public_agent.py,
 * outbound_readiness.py; snapshot of version 1.45.0).
 */
import type { Problem } from './contracts';

/** Begins what Dograh says of any failure of its carrier: also of one that did not answer, and whose phone may ring. */
const dialFailed = 'Failed to initiate call';

/** The rest names an organization or a configuration. */
const withoutProvider = 'Telephony provider not configured for this ';

/** Between the name of a configuration, in quotes, and the reason. */
const notReady = "' is not ready for outbound calls";

const unknownCallerId = 'from_phone_number_not_found';

const unknownConfiguration = 'Telephony configuration not found';

/**
 * Whether a 400 with this detail comes from before the dial. What is not known here counts as dialled.
 *
 * @param detail as the server sent it, or redacted.
 */
export function isRefusedBeforeDial(detail: string): boolean {
  // A carrier's own words, which may be any, stand behind Dograh's: so each is looked for at the beginning.
  return (
    detail.startsWith(withoutProvider) ||
    (detail.startsWith("'") && detail.includes(notReady)) ||
    detail === unknownCallerId
  );
}

/** Whether a 404 with this detail is about the telephony configuration, and not about the agent. */
export function isUnknownConfiguration(detail: string): boolean {
  return detail === unknownConfiguration;
}

/** Whether Dograh had asked its carrier when it wrote this as the error of a run. */
export function isDialFailure(error: string): boolean {
  return error.startsWith(dialFailed);
}

/** Dograh answers a missing key with 422 at the header (FastAPI's own check; the bundled server answers 401). */
export function isMissingKey({ detail }: Problem): boolean {
  return (
    Array.isArray(detail) &&
    detail.some(({ loc }) => loc[0] === 'header' && String(loc[1]).toLowerCase() === 'x-api-key')
  );
}
