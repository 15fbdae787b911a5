/** Names in an agent’s settings that are almost one of this server’s: the setting that was meant would not hold. */
import { agentConfigurations, type JsonObject } from '@dograh-trigger/shared';
import { fieldRules, isJsonObject, judgeFields, type FieldVerdict } from '../../http/body/unknown-fields';

const place = 'workflow_configurations';
const rules = fieldRules(Object.keys(agentConfigurations.shape));

/** Other settings are kept for Dograh and given back, so they are no ignored fields. */
export function judgeAgentSettings({ workflow_configurations: settings }: JsonObject): FieldVerdict {
  if (!isJsonObject(settings)) return { faults: [], ignored: [] };
  const { faults } = judgeFields(rules, settings, place);
  // What concerns no name, but all of them together, is that none is this server's.
  return { faults: faults.filter(({ loc }) => loc.length > ['body', place].length), ignored: [] };
}
