/** The context a run starts with, in Dograh's order of precedence (`docs/dograh-api`, "Context of a run"). */
import type { JsonObject, JsonValue, ValidationItem } from '@dograh-trigger/shared';
import { greetingOverride, isRecordedGreeting } from '../../agents/greeting';
import { isJsonObject, type FieldVerdict } from '../../http/body/unknown-fields';
import { reservedKeys } from '../../runs/prompt-context';

/** Keys that the server writes last, over the caller's value. */
const replacedKeys = ['called_number'];

/**
 * Judges a caller's context: a greeting that nobody can speak or play is refused, the server's own names are ignored. A
 * recording is refused once the agent is known, unless a Dograh holds its calls.
 */
export function judgeInitialContext({ initial_context: context }: JsonObject): FieldVerdict {
  if (!isJsonObject(context)) return { faults: [], ignored: [] };
  const unused = [...reservedKeys, ...replacedKeys].filter((key) => Object.hasOwn(context, key));
  return {
    faults: greetingFaults(context),
    ignored: unused.map((key) => `initial_context.${key}`),
  };
}

function greetingFaults(context: JsonObject): ValidationItem[] {
  const isAbsent = (context.greeting_override ?? null) === null;
  return isAbsent || greetingOverride(context) !== null || isRecordedGreeting(context)
    ? []
    : [unspokenGreeting];
}

/** The callee would hear the agent's greeting instead. */
export const unspokenGreeting: ValidationItem = {
  type: 'greeting_override',
  loc: ['body', 'initial_context', 'greeting_override'],
  msg: 'This server speaks a text and plays no recording: send {"type": "text", "text": "…"}, or leave it out for the greeting of the agent. Only an agent whose calls a Dograh holds can play {"type": "audio", "recording_id": "…"}',
  input: null,
};

export interface ContextSource {
  templateDefaults: JsonObject | null;
  provider: string;
  calledNumber: string;
  triggerMode: 'production' | 'test';
  telephonyConfigurationId: number;
  fromPhoneNumberId: number | null;
  identifier: string;
  identifierType: 'trigger_path' | 'workflow_uuid';
  agentUuid: string;
  apiKeyId: number | null;
  apiKeyCreatedBy: number | null;
  callerContext: JsonObject | null;
}

/** The context serves prompts only: whatever decides anything is a column of the run. */
export function buildInitialContext(source: ContextSource): JsonObject {
  const fromCaller = Object.entries(source.callerContext ?? {}).filter(([key]) => !reservedKeys.has(key));
  const entries: [string, JsonValue][] = [
    ...Object.entries(source.triggerMode === 'test' ? (source.templateDefaults ?? {}) : {}),
    ['provider', source.provider],
    ['direction', 'outbound'],
    ['phone_number', source.calledNumber],
    ['trigger_mode', source.triggerMode],
    ['telephony_configuration_id', source.telephonyConfigurationId],
    ['agent_identifier', source.identifier],
    ['agent_identifier_type', source.identifierType],
    ['workflow_uuid', source.agentUuid],
    ...optional('from_phone_number_id', source.fromPhoneNumberId),
    ...(source.identifierType === 'trigger_path' ? optional('agent_uuid', source.identifier) : []),
    ...optional('api_key_id', source.apiKeyId),
    ...optional('api_key_created_by', source.apiKeyCreatedBy),
    ...fromCaller,
    ['called_number', source.calledNumber],
  ];
  // fromEntries defines keys, it does not assign them: a key named __proto__ stays an ordinary key.
  return Object.fromEntries(entries);
}

function optional(key: string, value: JsonValue): [string, JsonValue][] {
  return value === null ? [] : [[key, value]];
}
