/** What a run looks like in the output: ten fields the same on every server, or the whole run. */
import {
  summarizeListedRun,
  summarizeRun,
  type Run,
  type RunSummary,
  type UsageRun,
} from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

const fieldNames = [
  'agent_id',
  'disposition',
  'duration_seconds',
  'phone_number',
  'recording_url',
  'run_id',
  'run_name',
  'status',
  'transcript_url',
  'variables',
];

/** Simplify, and what an AI agent's tool has in its place. `@tool` shows a field in tools only. */
export function outputFields(show: Record<string, string[]>): INodeProperties[] {
  return [
    {
      displayName: 'Simplify',
      name: 'simplify',
      type: 'boolean',
      default: true,
      description: 'Whether to return a simplified version of the response instead of the raw data',
      displayOptions: { show, hide: { '@tool': [true] } },
    },
    {
      displayName: 'Output',
      name: 'output',
      type: 'options',
      default: 'simplified',
      description: 'How much of a call the AI agent gets to read',
      displayOptions: { show: { ...show, '@tool': [true] } },
      options: [
        { name: 'Raw', value: 'raw', description: 'The whole call as Dograh gives it, which can be long' },
        { name: 'Selected Fields', value: 'selected' },
        { name: 'Simplified', value: 'simplified' },
      ],
    },
    {
      displayName: 'Fields',
      name: 'selectedFields',
      type: 'multiOptions',
      default: ['run_id', 'status', 'disposition', 'variables'],
      options: fieldNames.map((name) => ({ name, value: name })),
      displayOptions: { show: { ...show, '@tool': [true], output: ['selected'] } },
    },
  ];
}

/** A run as the item's fields want it. */
export function shapeRun(context: IExecuteFunctions, itemIndex: number, run: Run): IDataObject {
  return shape(context, itemIndex, run as IDataObject, simplifyRun(run));
}

/** A row of the list of calls as the item's fields want it. */
export function shapeListedRun(context: IExecuteFunctions, itemIndex: number, call: UsageRun): IDataObject {
  return shape(context, itemIndex, call as IDataObject, simplify(call, summarizeListedRun(call)));
}

function shape(
  context: IExecuteFunctions,
  itemIndex: number,
  raw: IDataObject,
  simplified: IDataObject,
): IDataObject {
  // A field that is not shown is not there: outside a tool there is only Simplify, inside only Output.
  const isSimplified = context.getNodeParameter('simplify', itemIndex, true) === true;
  const output = context.getNodeParameter('output', itemIndex, isSimplified ? 'simplified' : 'raw');
  if (output === 'raw') return raw;
  if (output !== 'selected') return simplified;
  const wanted = context.getNodeParameter('selectedFields', itemIndex, []);
  const names: unknown[] = Array.isArray(wanted) ? wanted : [];
  return Object.fromEntries(Object.entries(simplified).filter(([name]) => names.includes(name)));
}

export function simplifyRun(run: Run): IDataObject {
  return simplify(run, summarizeRun(run));
}

function simplify(call: Run | UsageRun, summary: RunSummary): IDataObject {
  return {
    run_id: call.id,
    run_name: call.name,
    agent_id: call.workflow_id,
    status: summary.status,
    disposition: summary.disposition,
    duration_seconds: summary.durationSeconds,
    phone_number: summary.phoneNumber,
    variables: call.gathered_context?.extracted_variables ?? {},
    recording_url: summary.recordingUrl,
    transcript_url: summary.transcriptUrl,
  };
}
