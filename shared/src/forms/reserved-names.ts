/** Names in `initial_context` that are reserved for the server. */
import { TriggerError } from '../errors';
import { callMarker, type JsonObject } from '../contracts';

/**
 * Dograh silently drops the first three. A value for one of the others would replace Dograh's own value for the
 * run. With another `telephony_configuration_id`, for example, the carrier's callbacks are verified against the
 * wrong account, and the call never reports its end (Dograh: initial_context.py, public_agent.py). The last name is
 * this client's own mark. `phone_number` and `called_number` are not reserved: Dograh overwrites them with the
 * dialled number.
 */
export const reservedNames: ReadonlySet<string> = new Set([
  'provider',
  'runtime_configuration',
  'mps_correlation_id',
  'telephony_configuration_id',
  'from_phone_number_id',
  'direction',
  'trigger_mode',
  'agent_identifier',
  'agent_identifier_type',
  'agent_uuid',
  'workflow_uuid',
  'api_key_id',
  'api_key_created_by',
  callMarker,
]);

/** @throws TriggerError `invalid_input` for the first variable with a reserved name. */
export function refuseReservedNames(initialContext: JsonObject): void {
  const name = Object.keys(initialContext).find((key) => reservedNames.has(key));
  if (name === undefined) return;
  throw new TriggerError({
    code: 'invalid_input',
    message:
      `The variable ${name} was not sent: its name belongs to the server, which would lose track of the call. ` +
      'Give the variable another name, or leave it out.',
  });
}
