/**
 * The language model that an organization has configured. Its keys are sealed, and shown as masks. A mask that comes back
 * means the stored key, but only while the address stays the same: otherwise the key would be sent to another host.
 */
import {
  modelConfiguration,
  type JsonObject,
  type LlmSettings,
  type ModelConfiguration,
  type ModelConfigurationReply,
} from '@dograh-trigger/shared';
import { recordAudit, type Actor } from '../../audit/audit';
import { maskSecret } from '../../carriers/masking';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { findConfiguration, removeConfiguration, saveConfiguration } from './configuration-store';
import { baseUrlOf, keysOf, operatorsEndpoint } from './endpoints';
import { tryKey } from './try-key';

/** @throws Problem unavailable when another `SECRETS_KEY` sealed it. */
export async function configuredLlm(
  { secrets }: Pick<Services, 'secrets'>,
  session: Session,
  organizationId: number,
): Promise<LlmSettings | null> {
  const sealed = await findConfiguration(session, organizationId);
  if (sealed === null) return null;
  try {
    return modelConfiguration.parse(JSON.parse(secrets.decrypt(sealed))).byok.pipeline.llm;
  } catch (cause) {
    throw new Problem(
      'unavailable',
      'The stored model configuration cannot be read. Start the server with the SECRETS_KEY it was saved under, or save it again.',
      { internal: `the model configuration of organization ${organizationId} does not open`, cause },
    );
  }
}

/** Null also for one that does not open: saving it again is its repair. */
async function storedLlm(
  services: Pick<Services, 'storage' | 'secrets'>,
  organizationId: number,
): Promise<LlmSettings | null> {
  try {
    return await configuredLlm(services, services.storage.read, organizationId);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

export async function readConfiguration(
  services: Pick<Services, 'config' | 'storage' | 'secrets'>,
  organizationId: number,
): Promise<ModelConfigurationReply> {
  return present(services, await configuredLlm(services, services.storage.read, organizationId));
}

/**
 * Replaces the configuration, once its key was tried. @throws Problem unprocessable for a mask that stands for no stored
 * key, and for a key that the endpoint refuses.
 */
export async function changeConfiguration(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'secrets' | 'carrier'>,
  actor: Actor,
  request: ModelConfiguration,
): Promise<ModelConfigurationReply> {
  const { organizationId } = actor;
  const before = await storedLlm(services, organizationId);
  const llm = withStoredKeys(request.byok.pipeline.llm, before);
  const trial = await tryKey(services, llm, organizationId);
  if (trial.kind === 'refused') throw faultyLlm(trial.message);
  const configuration: ModelConfiguration = {
    version: 2,
    mode: 'byok',
    byok: { mode: 'pipeline', pipeline: { llm } },
  };
  await services.storage.write(async (session) => {
    await saveConfiguration(session, {
      organization_id: organizationId,
      configuration: services.secrets.encrypt(JSON.stringify(configuration)),
      updated_at: services.clock.now().toISOString(),
    });
    await recordAudit(services, session, actor, {
      action: 'model_configuration.changed',
      changed: changedFields(before, llm),
    });
  });
  const reply = present(services, llm);
  return trial.kind === 'untried' ? { ...reply, unverified: trial.message } : reply;
}

/** Goes back to the operator's model, if there is one. Does nothing where none is configured. */
export async function forgetConfiguration(
  services: Pick<Services, 'config' | 'storage' | 'clock'>,
  actor: Actor,
): Promise<ModelConfigurationReply> {
  await services.storage.write(async (session) => {
    if (!(await removeConfiguration(session, actor.organizationId))) return;
    await recordAudit(services, session, actor, { action: 'model_configuration.removed' });
  });
  return present(services, null);
}

/** Dograh's list, in which each entry also says its place, as our other refusals do. */
function faultyLlm(message: string): Problem {
  const loc = ['body', 'byok', 'pipeline', 'llm', 'api_key'];
  return new Problem('unprocessable', [
    { type: 'llm_refused', loc, msg: message, input: null, model: 'llm', message },
  ]);
}

/** The settings with the stored keys in the place of their masks. An absent key, where it is optional, is the stored one. */
function withStoredKeys(llm: LlmSettings, before: LlmSettings | null): LlmSettings {
  if (before?.provider !== llm.provider) return withKeys(llm, (key) => typed(key));
  const isElsewhere = baseUrlOf(before) !== baseUrlOf(llm);
  if (llm.provider === 'speaches' && llm.api_key === undefined) {
    return isElsewhere ? llm : { ...llm, api_key: before.api_key };
  }
  const stored = keysOf(before);
  return withKeys(llm, (key) => {
    const kept = stored.find((secret) => maskSecret(secret) === key);
    if (kept !== undefined && isElsewhere) throw faultyLlm(otherAddress);
    return kept ?? typed(key);
  });
}

function withKeys(llm: LlmSettings, change: (key: string) => string): LlmSettings {
  const { api_key: key } = llm;
  if (key == null) return llm;
  return { ...llm, api_key: typeof key === 'string' ? change(key) : key.map(change) };
}

/** @throws Problem unprocessable for what looks like a mask. */
function typed(key: string): string {
  if (key.includes('***')) throw faultyLlm(maskedKey);
  return key;
}

const maskedKey = 'The api_key appears to be masked. Please provide the actual value, not the masked value.';
const otherAddress = 'The address that this key is sent to has changed: type the key itself, not its mask';

function changedFields(before: LlmSettings | null, after: LlmSettings): string[] {
  const earlier: Partial<Record<string, unknown>> = before ?? {};
  return Object.entries(after).flatMap(([name, value]) =>
    JSON.stringify(earlier[name] ?? null) === JSON.stringify(value ?? null) ? [] : [name],
  );
}

function present({ config }: Pick<Services, 'config'>, llm: LlmSettings | null): ModelConfigurationReply {
  const own = llm === null ? null : masked(llm);
  const server =
    config.model === null
      ? null
      : { provider: operatorsEndpoint(config.model).kind, model: config.model.name };
  return {
    configuration:
      own === null
        ? null
        : {
            version: 2,
            mode: 'byok',
            byok: { mode: 'pipeline', pipeline: { llm: own, tts: null, stt: null, embeddings: null } },
          },
    effective_configuration: {
      llm: own ?? server,
      tts: null,
      stt: null,
      embeddings: null,
      realtime: null,
      is_realtime: false,
      test_phone_number: null,
      timezone: null,
    },
    source: own !== null ? 'organization_v2' : server !== null ? 'server' : 'empty',
  };
}

function masked(llm: LlmSettings): JsonObject & { provider: string; model: string } {
  const { api_key: key = null, ...rest } = llm;
  const shown = key === null ? null : typeof key === 'string' ? maskSecret(key) : key.map(maskSecret);
  return { ...rest, bill_to: 'bill_to' in rest ? (rest.bill_to ?? null) : null, api_key: shown };
}
