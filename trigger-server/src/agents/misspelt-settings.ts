/** Names in an agent’s settings that are almost one of this server’s: the setting that was meant would not hold. */
import { agentConfigurations, type JsonObject } from '@dograh-trigger/shared';
import { fieldRules, isJsonObject, judgeFields, type FieldVerdict } from '../http/unknown-fields';

const rules = fieldRules(Object.keys(agentConfigurations.shape));

/** Other settings are kept for Dograh and given back, so they are no ignored fields. */
export function judgeAgentSettings({ workflow_configurations: settings }: JsonObject): FieldVerdict {
  if (!isJsonObject(settings)) return { faults: [], ignored: [] };
  return { faults: judgeFields(rules, settings, 'workflow_configurations').faults, ignored: [] };
}
