/** Warnings: a definition with these can be published, but will probably not do what its author expects. */
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
import { longNames, missingTools, nameCollisions } from './function-faults';
import type { NamedTools } from './named-tools';
import { notRun } from './not-run';
import { neededVariables, startGreetingOf } from './spoken-variables';

/** More would not help: once these are fixed, the next ones show up. */
const mostWarnings = 100;

interface Known {
  /** Values for test calls only, as in Dograh. */
  templateVariables: JsonObject;
  tools: NamedTools;
  /** The answer that the calls get. */
  answer: string;
  /** Why the language model of the agent, or of the organization, cannot be used; null: it can, or there is none. */
  modelFault: string | null;
}

export function definitionWarnings(
  definition: AgentDefinition,
  configurations: AgentConfigurations,
  { templateVariables, tools, answer, modelFault }: Known,
): DefinitionFault[] {
  const talks = answer === 'converse';
  return [
    // With a Dograh that holds the call, the tools are its own.
    ...(answer === 'dograh' ? [] : missingTools(definition, tools)),
    ...(talks ? [] : collisionWarnings(definition, tools)),
    ...longNames(definition),
    ...greetingWarnings(definition, answer),
    ...(talks ? [...modelWarnings(configurations, modelFault), ...notRun(definition)] : []),
    ...spellingWarnings(definition),
    ...variableWarnings(definition, templateVariables),
  ].slice(0, mostWarnings);
}

/** They would be faults if the agent talked. */
function collisionWarnings(definition: AgentDefinition, tools: NamedTools): DefinitionFault[] {
  return nameCollisions(definition, tools, true).map((fault) => ({
    ...fault,
    message: `${fault.message} It does no harm until the agent talks.`,
  }));
}

/** An agent made for Dograh may have no greeting: there a language model speaks first. */
function greetingWarnings(definition: AgentDefinition, answer: string): DefinitionFault[] {
  const start = definition.nodes.find(({ type }) => type === 'startCall');
  if (start === undefined || answer !== 'announce' || startGreetingOf(definition) !== null) return [];
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

/** Only a key of the organization is used with a model that an agent chooses. @param fault why its model cannot be used. */
function modelWarnings(configurations: AgentConfigurations, fault: string | null): DefinitionFault[] {
  const ofAgent = (message: string) => [{ kind: 'workflow' as const, id: null, field: null, message }];
  if (fault !== null)
    return ofAgent(`${fault.replace(/\.$/, '')}. Until then its conversations end with an apology.`);
  const settings = configurations as JsonObject;
  const choices = [settings.model_overrides, settings.model_configuration_v2_override];
  if (choices.every((choice) => choice == null)) return [];
  return ofAgent(
    'This agent chooses a language model. The choice is ignored where the conversation is held by the model of this server: it needs a model configuration of the organization.',
  );
}

const fieldsOfNode = new Map(
  nodeTypes.map(({ name, properties }) => [name, fieldRules(properties.map((property) => property.name))]),
);

/**
 * A node may have fields that only Dograh reads, so an unknown name is allowed. A name that looks misspelt is reported.
 */
function spellingWarnings({ nodes }: AgentDefinition): DefinitionFault[] {
  return nodes.flatMap(({ id, type, data }) => {
    const rules = fieldsOfNode.get(type);
    if (rules === undefined) return [];
    return judgeFields(rules, data, 'data').faults.flatMap(({ loc, msg }): DefinitionFault[] => {
      const [, , name] = loc;
      // A fault without a name concerns all of them, and is not a misspelling.
      return name === undefined ? [] : [{ kind: 'node', id, field: `data.${name}`, message: msg }];
    });
  });
}

/** Variables that Dograh itself sets, and that this server has no value for. */
const ofDograhAlone: ReadonlySet<string> = new Set(['campaign_id', 'source_uuid']);

/** A dotted name is a path. Its first part is the name of the variable. */
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
