/** What keeps a definition from nothing, and still will not go as its author thinks. */
import {
  isFilled,
  serverVariableNames,
  type AgentConfigurations,
  type AgentDefinition,
  type DefinitionFault,
  type JsonObject,
} from '@dograh-trigger/shared';
import { fieldRules, judgeFields } from '../../http/body/unknown-fields';
import { nodeTypes } from '../node-types';
import { neededVariables, startGreetingOf } from './spoken-variables';

/** Whoever mends these finds the others. */
const mostWarnings = 100;

/**
 * @param templateVariables values that test calls alone are given (Dograh does so, too).
 */
export function definitionWarnings(
  definition: AgentDefinition,
  configurations: AgentConfigurations,
  templateVariables: JsonObject,
): DefinitionFault[] {
  return [
    ...greetingWarnings(definition, configurations),
    ...spellingWarnings(definition),
    ...variableWarnings(definition, templateVariables),
  ].slice(0, mostWarnings);
}

/** An agent that was brought over from Dograh need not have a greeting: there a model speaks first. */
function greetingWarnings(definition: AgentDefinition, { answer }: AgentConfigurations): DefinitionFault[] {
  const start = definition.nodes.find(({ type }) => type === 'startCall');
  if (start === undefined || answer === 'stream' || startGreetingOf(definition) !== null) return [];
  return [
    {
      kind: 'node',
      id: start.id,
      field: 'data.greeting',
      message:
        'The Start node has no greeting, so a call would say nothing: calls are refused with the code nothing_to_say, unless they bring a greeting_override.',
    },
  ];
}

const fieldsOfNode = new Map(
  nodeTypes.map(({ name, properties }) => [name, fieldRules(properties.map((property) => property.name))]),
);

/** A node may have fields that only Dograh reads, so a name that is not known is kept; one that is almost known is told. */
function spellingWarnings({ nodes }: AgentDefinition): DefinitionFault[] {
  return nodes.flatMap(({ id, type, data }) => {
    const rules = fieldsOfNode.get(type);
    if (rules === undefined) return [];
    return judgeFields(rules, data, 'data').faults.flatMap(({ loc, msg }): DefinitionFault[] => {
      const [, , name] = loc;
      // What concerns no name, but all of them together, misspells nothing.
      return name === undefined ? [] : [{ kind: 'node', id, field: `data.${name}`, message: msg }];
    });
  });
}

/** Facts of Dograh’s about a call that belong to no caller, and that nothing here has. */
const ofDograhAlone: ReadonlySet<string> = new Set(['campaign_id', 'source_uuid']);

/** A dotted name is a path: its first part is the name that the server sees. */
function rootOf(name: string): string {
  return name.split('.', 1)[0] ?? name;
}

function variableWarnings(definition: AgentDefinition, templateVariables: JsonObject): DefinitionFault[] {
  return neededVariables(definition)
    .prompts.filter((name) => !serverVariableNames.has(rootOf(name)) || ofDograhAlone.has(rootOf(name)))
    .slice(0, mostWarnings)
    .map((name) => ({
      kind: 'workflow',
      id: null,
      field: null,
      message: ofDograhAlone.has(rootOf(name))
        ? `The variable ${name} is one of Dograh’s own, and this server has no value for it. A call says nothing in its place. Leave it out, or give it a fallback: {{${name} | there}}.`
        : isFilled(name, templateVariables)
          ? `The variable ${name} is filled by template_context_variables on test calls alone. On the production URL nothing is said in its place unless the caller sends it. Give it a fallback: {{${name} | there}}.`
          : `The variable ${name} has no fallback, and only the caller can fill it. A call without it says nothing in its place. Give it a fallback: {{${name} | there}}, or set strict_variables to refuse such calls.`,
    }));
}
