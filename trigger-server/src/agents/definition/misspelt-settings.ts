/**
 * Finds misspelt names of this server's settings in an agent's configurations. The intended setting would have no
 * effect.
 */
import { agentConfigurations, type JsonObject } from '@dograh-trigger/shared';
import { fieldRules, isJsonObject, judgeFields, type FieldVerdict } from '../../http/body/unknown-fields';

const place = 'workflow_configurations';
const rules = fieldRules(Object.keys(agentConfigurations.shape));

/** Other settings are stored for Dograh and returned, so they do not count as ignored fields. */
export function judgeAgentSettings({ workflow_configurations: settings }: JsonObject): FieldVerdict {
  if (!isJsonObject(settings)) return { faults: [], ignored: [] };
  const { faults } = judgeFields(rules, settings, place);
  // A fault without a name concerns all of them: none is a setting of this server. That is allowed here.
  return { faults: faults.filter(({ loc }) => loc.length > ['body', place].length), ignored: [] };
}
