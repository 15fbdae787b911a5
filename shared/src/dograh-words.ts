/**
 * Dograh reports some facts only as English text. This file is the only one that depends on such text. The bundled
 * server also sends a code, and a reply with a code is judged by the code alone. Source: Dograh 1.45.0,
 * public_agent.py, campaign.py and outbound_readiness.py.
 */
import type { Problem } from './contracts';

/** The prefix of every carrier failure, including a carrier that did not answer in time: then the phone may ring. */
const dialFailed = 'Failed to initiate call';

/** The rest of the text names an organization or a configuration. */
const withoutProvider = 'Telephony provider not configured for this ';

/** Stands between the quoted name of a configuration and the reason. */
const notReady = "' is not ready for outbound calls";

const unknownCallerId = 'from_phone_number_not_found';

const unknownConfiguration = 'Telephony configuration not found';

/** The rest of the text is an address. */
const withoutTelephony = 'You must configure telephony first';

/**
 * Whether a 400 with this detail comes from before the dial. An unknown text counts as dialled.
 *
 * @param detail the original or the redacted text.
 */
export function isRefusedBeforeDial(detail: string): boolean {
  // Compared at the beginning only, because a carrier's own text, which may be anything, follows Dograh's.
  return (
    detail.startsWith(withoutProvider) ||
    (detail.startsWith("'") && detail.includes(notReady)) ||
    detail === unknownCallerId ||
    isMissingTelephony(detail)
  );
}

/** Whether a 401 with this detail says that the organization has no telephony, and nothing about the key. */
export function isMissingTelephony(detail: string): boolean {
  return detail.startsWith(withoutTelephony);
}

/** Whether a 404 with this detail concerns the telephony configuration and not the agent. */
export function isUnknownConfiguration(detail: string): boolean {
  return detail === unknownConfiguration;
}

/** Whether this error of a run was written after Dograh had asked its carrier. */
export function isDialFailure(error: string): boolean {
  return error.startsWith(dialFailed);
}

/** Whether a 404 says that there is no such run. */
export function isUnknownRun({ detail }: Problem): boolean {
  return detail === 'Workflow run not found';
}

/** Whether a 404 says that no trigger has this path, so that nothing was dialled. */
export function isUnknownTrigger({ detail, code }: Problem): boolean {
  return code === undefined ? detail === 'Agent trigger not found' : code === 'trigger_not_found';
}

/** What Dograh's HTTP library says of a carrier that may have received the dial. A time-out of it has no words. */
const withoutReply = /^$|time[d ]*out|disconnected|reset by peer|connection lost/i;

/** A carrier's status, or Dograh's of a success without an id, that does not say that the dial was refused. */
const withoutRefusal = /^(?:5\d\d|408)\b|\(HTTP (?:5\d\d|408)\)|response missing call identifier/i;

/** Whether a phone may ring after this refusal of a dial: Dograh's carrier did not answer, or failed. */
export function mayRing({ detail, code }: Problem): boolean {
  if (code !== undefined || typeof detail !== 'string' || !isDialFailure(detail)) return false;
  const said = detail.slice(dialFailed.length).replace(/^:/, '').trim();
  return withoutReply.test(said) || withoutRefusal.test(said);
}

/**
 * Whether a 422 reports a missing API key. Dograh answers so (FastAPI's validation); the bundled server answers
 * 401.
 */
export function isMissingKey({ detail }: Problem): boolean {
  return (
    Array.isArray(detail) &&
    detail.some(({ loc }) => loc[0] === 'header' && String(loc[1]).toLowerCase() === 'x-api-key')
  );
}
