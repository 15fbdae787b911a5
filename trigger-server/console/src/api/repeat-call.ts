/**
 * The request that placed a call, as far as the run keeps it. Import it lazily: it contains parts of the
 * trigger client.
 */
import {
  reservedNames,
  triggerPath,
  wireRequest,
  type CallRequest,
  type CallTarget,
  type Environment,
  type JsonObject,
  type JsonValue,
  type Run,
} from '@dograh-trigger/shared';
import { curlCommand } from './curl';
import { calledNumber } from './logs';

/** The server writes them into every context, beside the reserved names. */
const numberNames: ReadonlySet<string> = new Set(['phone_number', 'called_number', 'caller_number']);

/** The variables that came with the request, without those that the server added. */
export function variablesOf(run: Pick<Run, 'initial_context'>): JsonObject {
  const variables = Object.entries(run.initial_context ?? {}).filter(
    ([name]) => !reservedNames.has(name) && !numberNames.has(name),
  );
  return Object.fromEntries(variables);
}

/**
 * The same call once more, at once: same agent, number, context, carrier account, caller ID, reference and metadata.
 * @param environment whether the draft or the version in production makes it.
 * @returns null when the run does not say whom it called.
 */
export function sameCall(run: Run, target: CallTarget, environment: Environment): CallRequest | null {
  const phoneNumber = calledNumber(run);
  if (phoneNumber === null) return null;
  const context = run.initial_context ?? {};
  return {
    target,
    environment,
    phoneNumber,
    initialContext: variablesOf(run),
    telephonyConfigurationId: idOrUndefined(context.telephony_configuration_id),
    fromPhoneNumberId: idOrUndefined(context.from_phone_number_id),
    reference: run.reference ?? undefined,
    metadata: run.metadata ?? undefined,
  };
}

/** The agent or trigger that the request named; null on a run that does not say it. */
function targetOf(run: Run): CallTarget | null {
  const triggerUuid = textOrNull(run.gathered_context?.trigger_uuid);
  if (triggerUuid !== null) return { triggerUuid };
  const agentUuid = textOrNull(run.initial_context?.workflow_uuid);
  return agentUuid === null ? null : { agentUuid };
}

/**
 * A curl command that sends the same request.
 * @param origin the server, `https://calls.example.com`.
 * @returns null when the run does not say how it was placed.
 */
export function curlOf(run: Run, origin: string): string | null {
  const target = targetOf(run);
  const environment = run.initial_context?.trigger_mode === 'test' ? 'test' : 'production';
  const call = target === null ? null : sameCall(run, target, environment);
  if (call === null) return null;
  return curlCommand(`${origin}/api/v1${triggerPath(call.target, environment)}`, wireRequest(call));
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function idOrUndefined(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
