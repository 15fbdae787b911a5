/**
 * An agent's own choice of a model, as Dograh's settings have it. A key in an agent would be stored in the clear and shown
 * to everybody who reads the agent, so it is never used: an agent chooses another model at the endpoint of its organization,
 * or an endpoint that wants no key. The operator's model stays as it is: its key pays for it, and for no other one.
 */
import { llmSettings, type JsonObject, type JsonValue } from '@dograh-trigger/shared';
import { isJsonObject } from '../../http/body/unknown-fields';
import { organizationsEndpoint } from './endpoints';
import type { Endpoint } from './endpoint';

/**
 * @param base null: no model is configured.
 * @returns in words why the agent's choice cannot be used: this server does not have the key for it.
 */
export function overlaid(base: Endpoint | null, settings: JsonObject): Endpoint | string | null {
  const whole = at(settings.model_configuration_v2_override, ['byok', 'pipeline', 'llm']);
  if (isJsonObject(whole)) return named(base, whole);
  const part = at(settings.model_overrides, ['llm']);
  if (!isJsonObject(part) || base === null) return base;
  if (part.provider === undefined && part.base_url === undefined && part.endpoint === undefined) {
    return typeof part.model === 'string' ? withModel(base, part.model) : base;
  }
  return named(base, part);
}

const unknownChoice =
  'The agent chooses a language model that this server cannot use: take the choice out of its settings, or name one of the providers of PUT /organizations/model-configurations/v2';
const otherKey =
  'The agent chooses a language model at another address than its organization, whose key this server does not have: configure that model for the organization, or take the choice out of the settings of the agent';

function named(base: Endpoint | null, llm: JsonObject): Endpoint | string {
  const { api_key: _key, ...rest } = llm;
  // A provider that requires a key gets a placeholder to be read at all, and then the key of the same address.
  const parsed = llmSettings.safeParse({
    ...rest,
    ...(rest.provider === 'speaches' ? {} : { api_key: '-' }),
  });
  if (!parsed.success) return unknownChoice;
  const own = organizationsEndpoint(parsed.data);
  if (base !== null && own.url === base.url && own.kind === base.kind) return withModel(base, own.model);
  return own.kind === 'compatible' ? own : otherKey;
}

function withModel(base: Endpoint, model: string): Endpoint {
  return base.isTrusted ? base : { ...base, model };
}

function at(value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (inside, name) => (isJsonObject(inside) ? inside[name] : undefined),
    value,
  );
}
