/** Properties that several types of nodes have. */
import type { PropertySpec } from '@dograh-trigger/shared';
import { choices, inTalks, keptOnly, property, rowProperty, shownWhen } from './declare';

/** @param byDefault the name of a new node in an editor. */
export function nameProperty(byDefault: string): PropertySpec {
  return property({
    name: 'name',
    type: 'string',
    display_name: 'Name',
    description: 'What the node is called on the canvas and in logs.',
    default: byDefault,
    required: true,
    min_length: 1,
  });
}

export function promptProperty(
  placeholder: string,
  texts: Pick<PropertySpec, 'display_name' | 'description'> & { default?: string } = {
    display_name: 'Prompt',
    description: 'What the model is told to do in this step. {{variables}} are filled in.',
  },
): PropertySpec {
  return property({
    ...texts,
    name: 'prompt',
    type: 'mention_textarea',
    description: `${texts.description} ${inTalks}`,
    required: true,
    min_length: 1,
    placeholder,
  });
}

/** @param byDefault what an editor starts with; Dograh’s differs by type. */
export function interruptProperty(byDefault: boolean): PropertySpec {
  return property({
    name: 'allow_interrupt',
    type: 'boolean',
    display_name: 'Allow Interruption',
    description: `Whether the callee may talk over the agent. ${keptOnly}`,
    default: byDefault,
  });
}

/** @param byDefault what an editor starts with; Dograh’s differs by type. */
export function globalPromptProperty(byDefault: boolean): PropertySpec {
  return property({
    name: 'add_global_prompt',
    type: 'boolean',
    display_name: 'Add Global Prompt',
    description: `Whether the Global node’s prompt goes before this one. ${inTalks}`,
    default: byDefault,
  });
}

/** Values that the model extracts from the conversation when the node is left. */
export const extractionProperties: PropertySpec[] = [
  property({
    name: 'extraction_enabled',
    type: 'boolean',
    display_name: 'Enable Variable Extraction',
    description: `Whether values are read out of the conversation when this step ends. ${inTalks}`,
    default: false,
  }),
  property({
    name: 'extraction_prompt',
    type: 'string',
    display_name: 'Extraction Prompt',
    description: `What holds for all values that are read. ${inTalks}`,
    display_options: shownWhen({ extraction_enabled: [true] }),
    editor: 'textarea',
  }),
  property({
    name: 'extraction_variables',
    type: 'fixed_collection',
    display_name: 'Variables to Extract',
    description: `One row for each value: its name, its type and what to look for. ${inTalks}`,
    display_options: shownWhen({ extraction_enabled: [true] }),
    properties: [
      rowProperty({
        name: 'name',
        type: 'string',
        display_name: 'Variable Name',
        description: 'The key of the value, in snake_case.',
        required: true,
        min_length: 1,
      }),
      rowProperty({
        name: 'type',
        type: 'options',
        display_name: 'Type',
        description: 'The type of the value.',
        default: 'string',
        required: true,
        options: choices({ string: 'String', number: 'Number', boolean: 'Boolean' }),
      }),
      rowProperty({
        name: 'prompt',
        type: 'string',
        display_name: 'Extraction Hint',
        description: 'What to look for.',
        editor: 'textarea',
      }),
    ],
  }),
];

export const referenceProperties: PropertySpec[] = [
  property({
    name: 'tool_uuids',
    type: 'tool_refs',
    display_name: 'Tools',
    description: `Tools that the model may use in this step. ${inTalks}`,
    llm_hint: 'A list of tool UUIDs, as list_tools gives them.',
  }),
  property({
    name: 'document_uuids',
    type: 'document_refs',
    display_name: 'Knowledge Base Documents',
    description: `Documents that the model may look things up in. ${keptOnly}`,
    llm_hint: 'A list of document UUIDs, as list_documents gives them.',
  }),
];
