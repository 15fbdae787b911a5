/** The context a run starts with, in Dograh's order of precedence (`docs/dograh-api`, "Context of a run"). */
import type { JsonObject, JsonValue, ValidationItem } from '@dograh-trigger/shared';
import { greetingOverride } from '../agents/greeting';
import { isJsonObject, type FieldVerdict } from '../http/body/unknown-fields';

/** Keys that belong to the server; a caller's are dropped. */
const reservedKeys = new Set(['provider', 'runtime_configuration', 'mps_correlation_id']);

/** Written last, so that a caller's value is never read. */
const replacedKeys = ['called_number'];

/** What of a caller's context would do nothing: a greeting that cannot be spoken is refused, the server's own names are dropped. */
export function judgeInitialContext({ initial_context: context }: JsonObject): FieldVerdict {
  if (!isJsonObject(context)) return { faults: [], ignored: [] };
  const unused = [...reservedKeys, ...replacedKeys].filter((key) => Object.hasOwn(context, key));
  return {
    faults: greetingFaults(context),
    ignored: unused.map((key) => `initial_context.${key}`),
  };
}

/** Dograh plays recordings, too, and logs what it cannot read; whoever is called would hear another greeting. */
function greetingFaults(context: JsonObject): ValidationItem[] {
  if ((context.greeting_override ?? null) === null || greetingOverride(context) !== null) return [];
  const msg =
    'This server speaks a text and plays no recording: send {"type": "text", "text": "…"}, or leave it out for the greeting of the agent';
  return [
    { type: 'greeting_override', loc: ['body', 'initial_context', 'greeting_override'], msg, input: null },
  ];
}

export interface ContextFacts {
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

/** What a caller puts here is for prompts only: whatever decides anything is a column of the run. */
export function buildInitialContext(facts: ContextFacts): JsonObject {
  const fromCaller = Object.entries(facts.callerContext ?? {}).filter(([key]) => !reservedKeys.has(key));
  const entries: [string, JsonValue][] = [
    ...Object.entries(facts.triggerMode === 'test' ? (facts.templateDefaults ?? {}) : {}),
    ['provider', facts.provider],
    ['direction', 'outbound'],
    ['phone_number', facts.calledNumber],
    ['trigger_mode', facts.triggerMode],
    ['telephony_configuration_id', facts.telephonyConfigurationId],
    ['agent_identifier', facts.identifier],
    ['agent_identifier_type', facts.identifierType],
    ['workflow_uuid', facts.agentUuid],
    ...optional('from_phone_number_id', facts.fromPhoneNumberId),
    ...(facts.identifierType === 'trigger_path' ? optional('agent_uuid', facts.identifier) : []),
    ...optional('api_key_id', facts.apiKeyId),
    ...optional('api_key_created_by', facts.apiKeyCreatedBy),
    ...fromCaller,
    ['called_number', facts.calledNumber],
  ];
  // fromEntries defines keys, it does not assign them: a key named __proto__ stays an ordinary key.
  return Object.fromEntries(entries);
}

function optional(key: string, value: JsonValue): [string, JsonValue][] {
  return value === null ? [] : [[key, value]];
}
