/** The output for a run: simplified fields, which are the same on every server, or the raw run. */
import {
  serverVariableNames,
  summarizeListedRun,
  summarizeRun,
  type Run,
  type RunSummary,
  type UsageRun,
} from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { replacedAccountText, showCallHints } from '../runtime/hints';
import { itemOutput, type ItemOutcome } from '../runtime/items';
import { newestUtterances } from './utterances';

const fieldNames = [
  'agent_id',
  'already_placed',
  'answered_by',
  'context',
  'disposition',
  'due_at',
  'duration_seconds',
  'explanation',
  'fallback_from',
  'learned',
  'mode',
  'phone_number',
  'reason',
  'recording_url',
  'reference',
  'run_id',
  'run_name',
  'status',
  'transcript_url',
  'unresolved_variables',
  'utterances',
  'utterances_omitted',
  'voicemail_left',
  'waiting_for',
];

/** The field Simplify, and the fields that replace it in an AI agent's tool. `@tool` restricts a field to tools. */
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
      default: ['run_id', 'status', 'disposition', 'learned'],
      options: fieldNames.map((name) => ({ name, value: name })),
      displayOptions: { show: { ...show, '@tool': [true], output: ['selected'] } },
    },
  ];
}

/**
 * Shapes the run of each item by the item's fields, and shows the hints for all items.
 *
 * @param extraFieldsOf additional output fields of an item.
 */
export function outputRuns(
  context: IExecuteFunctions,
  outcomes: readonly ItemOutcome<Run>[],
  extraFieldsOf: (itemIndex: number) => IDataObject = () => ({}),
): ItemOutcome<INodeExecutionData[]>[] {
  const runs = outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []));
  showCallHints(
    context,
    runs.map((run) => ({ runId: run.id, ...summarizeRun(run) })),
  );
  return outcomes.map((outcome, itemIndex) => {
    if ('error' in outcome) return outcome;
    const { value: run } = outcome;
    const extraFields = extraFieldsOf(itemIndex);
    const raw = { ...(run as IDataObject), ...extraFields };
    return {
      value: itemOutput(itemIndex, shape(context, itemIndex, raw, { ...simplifyRun(run), ...extraFields })),
    };
  });
}

/** The same for rows of the list of calls. An item has several. */
export function outputListedRuns(
  context: IExecuteFunctions,
  outcomes: readonly ItemOutcome<UsageRun[]>[],
): ItemOutcome<INodeExecutionData[]>[] {
  const calls = outcomes.flatMap((outcome) => ('value' in outcome ? outcome.value : []));
  showCallHints(
    context,
    calls.map((call) => ({ runId: call.id, ...summarizeListedRun(call) })),
  );
  return outcomes.map((outcome, itemIndex) => {
    if ('error' in outcome) return outcome;
    const shaped = outcome.value.map((call) =>
      shape(context, itemIndex, call as IDataObject, simplify(call, summarizeListedRun(call))),
    );
    return { value: itemOutput(itemIndex, ...shaped) };
  });
}

function shape(
  context: IExecuteFunctions,
  itemIndex: number,
  raw: IDataObject,
  simplified: IDataObject,
): IDataObject {
  // Hidden fields have no value: outside a tool only Simplify exists, inside only Output.
  const isSimplified = context.getNodeParameter('simplify', itemIndex, true) === true;
  const output = context.getNodeParameter('output', itemIndex, isSimplified ? 'simplified' : 'raw');
  if (output === 'raw') return raw;
  if (output !== 'selected') return simplified;
  const selected = context.getNodeParameter('selectedFields', itemIndex, []);
  const names: unknown[] = Array.isArray(selected) ? selected : [];
  return Object.fromEntries(Object.entries(simplified).filter(([name]) => names.includes(name)));
}

/** The list of calls does not have what was said, so only a run that was read has the last two. */
export function simplifyRun(run: Run): IDataObject {
  return { ...simplify(run, summarizeRun(run)), ...newestUtterances(run) };
}

/**
 * The caller's own context, which identifies the row of data that the call came from. Names that the server adds
 * are left out.
 */
function sentContext({ initial_context: context }: Run | UsageRun): IDataObject {
  return Object.fromEntries(Object.entries(context ?? {}).filter(([name]) => !serverVariableNames.has(name)));
}

function simplify(call: Run | UsageRun, summary: RunSummary): IDataObject {
  return {
    run_id: call.id,
    run_name: call.name,
    agent_id: call.workflow_id,
    status: summary.status,
    waiting_for: summary.waitingFor,
    due_at: summary.dueAt,
    reason: summary.reason,
    explanation: summary.explanation,
    disposition: summary.disposition,
    answered_by: summary.answeredBy,
    voicemail_left: summary.voicemailLeft,
    duration_seconds: summary.durationSeconds,
    phone_number: summary.phoneNumber,
    mode: summary.mode,
    fallback_from: summary.fallbackFrom && replacedAccountText(summary.fallbackFrom),
    reference: summary.reference,
    context: sentContext(call),
    learned: call.gathered_context?.extracted_variables ?? {},
    unresolved_variables: summary.unresolvedVariables,
    recording_url: summary.recordingUrl,
    transcript_url: summary.transcriptUrl,
  };
}
