/** What a definition made for Dograh asks for, and a conversation here does not do: each of them is a warning. */
import type {
  AgentDefinition,
  AgentEdge,
  AgentNode,
  DefinitionFault,
  JsonValue,
} from '@dograh-trigger/shared';

export function notRun({ nodes, edges }: AgentDefinition): DefinitionFault[] {
  return [...nodes.flatMap(ofNode), ...edges.flatMap(ofEdge)];
}

function ofNode({ id, type, data }: AgentNode): DefinitionFault[] {
  const warn = (isGiven: boolean, field: string | null, message: string): DefinitionFault[] =>
    isGiven ? [{ kind: 'node', id, field: field === null ? null : `data.${field}`, message }] : [];
  return [
    ...warn(
      type === 'startCall' && (data.greeting_type === 'audio' || isGiven(data.greeting_recording_id)),
      'greeting_recording_id',
      'No recording is played here: the greeting is spoken, and without one the language model speaks first.',
    ),
    ...warn(
      type === 'startCall' && data.delayed_start === true,
      'delayed_start',
      'The conversation begins at once: the pause before it is not made here.',
    ),
    ...warn(
      isGiven(data.document_uuids),
      'document_uuids',
      'There is no knowledge base here: write what the agent has to know into its prompt.',
    ),
    ...warn(
      isGiven(data.mcp_tool_filters),
      'mcp_tool_filters',
      'Tools of an MCP server are not called here: use a tool of the type http_api.',
    ),
    ...warn(
      type === 'qa' && data.qa_enabled !== false,
      null,
      'Calls are not analysed here: the QA node does nothing.',
    ),
  ];
}

function ofEdge({ id, data }: AgentEdge): DefinitionFault[] {
  const isRecorded =
    data?.transition_speech_type === 'audio' || isGiven(data?.transition_speech_recording_id);
  if (!isRecorded) return [];
  const message = 'No recording is played here: write what is to be said into transition_speech.';
  return [{ kind: 'edge', id, field: 'data.transition_speech_recording_id', message }];
}

function isGiven(value: JsonValue | undefined): boolean {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
