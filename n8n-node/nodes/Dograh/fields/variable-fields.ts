/** The fields for the values that the prompts of the agent use, in one of three ways. */
import type { JsonObject } from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readFieldVariables, readJsonVariables, readMappedVariables } from '../runtime/parameters';

export function variableFields(show: Record<string, string[]>): INodeProperties[] {
  return [
    {
      displayName: 'Specify Variables',
      name: 'specifyVariables',
      type: 'options',
      default: 'mapping',
      description: 'How to enter the values that the prompts of the agent use',
      displayOptions: { show },
      options: [
        { name: 'Using Fields Below', value: 'keypair', description: 'Names and values, as you enter them' },
        { name: 'Using JSON', value: 'json' },
        { name: 'Using the Variables of the Agent', value: 'mapping' },
      ],
    },
    {
      displayName: 'Variables',
      name: 'mappedVariables',
      type: 'resourceMapper',
      noDataExpression: true,
      default: { mappingMode: 'defineBelow', value: null },
      // Hidden until an agent is chosen, because the editor would show an error that there are no variables.
      displayOptions: { show: { ...show, specifyVariables: ['mapping'] }, hide: { agent: ['', null] } },
      typeOptions: {
        loadOptionsDependsOn: ['agent.value', 'environment'],
        resourceMapper: {
          resourceMapperMethod: 'getAgentVariables',
          mode: 'add',
          addAllFields: true,
          supportAutoMap: true,
          fieldWords: { singular: 'variable', plural: 'variables' },
          valuesLabel: 'Values for the Agent',
        },
      },
    },
    {
      displayName: 'Variables',
      name: 'variables',
      type: 'fixedCollection',
      typeOptions: { multipleValues: true },
      placeholder: 'Add Variable',
      default: {},
      displayOptions: { show: { ...show, specifyVariables: ['keypair'] } },
      options: [
        {
          displayName: 'Variable',
          name: 'parameters',
          values: [
            {
              displayName: 'Name',
              name: 'name',
              type: 'string',
              default: '',
              placeholder: 'e.g. first_name',
              description: 'A name with dots is a path: user.name is the name of the user',
            },
            { displayName: 'Value', name: 'value', type: 'string', default: '' },
          ],
        },
      ],
    },
    {
      displayName: 'Variables',
      name: 'jsonVariables',
      type: 'json',
      default: '{}',
      placeholder: 'e.g. {"first_name": "Jane"}',
      description: 'One JSON object. Prompts reach nested values by their path, as in user.name.',
      displayOptions: { show: { ...show, specifyVariables: ['json'] } },
    },
  ];
}

/**
 * @param columns the columns of an item that Map Automatically sends.
 * @throws TriggerError `invalid_input`, or the error of `columns`.
 */
export async function readVariables(
  context: IExecuteFunctions,
  itemIndex: number,
  columns: () => Promise<IDataObject>,
): Promise<JsonObject> {
  switch (context.getNodeParameter('specifyVariables', itemIndex)) {
    case 'json':
      return readJsonVariables(context.getNodeParameter('jsonVariables', itemIndex, {}));
    case 'keypair':
      return readFieldVariables(
        context.getNodeParameter('variables.parameters', itemIndex, []) as {
          name: unknown;
          value: unknown;
        }[],
      );
    default:
      return readMappedVariables(
        isAutoMapped(context, itemIndex)
          ? await columns()
          : context.getNodeParameter('mappedVariables.value', itemIndex, null),
      );
  }
}

/** Whether the editor is set to Map Automatically. */
function isAutoMapped(context: IExecuteFunctions, itemIndex: number): boolean {
  const mode = context.getNodeParameter('mappedVariables.mappingMode', itemIndex, 'defineBelow');
  return mode === 'autoMapInputData';
}
