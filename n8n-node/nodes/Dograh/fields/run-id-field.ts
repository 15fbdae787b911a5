import type { INodeProperties } from 'n8n-workflow';

/** The field Run ID, which selects the call of an operation. */
export function runIdField(show: Record<string, string[]>): INodeProperties {
  return {
    displayName: 'Run ID',
    name: 'runId',
    type: 'string',
    required: true,
    default: '',
    placeholder: 'e.g. {{ $json.run_id }}',
    description: 'The call: the run_id that Place returns',
    displayOptions: { show },
  };
}
