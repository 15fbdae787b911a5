/** The values that a node asks to extract from the conversation: one complete answer of the model, in JSON. */
import {
  extractionVariablesOf,
  pythonText,
  type AgentNode,
  type ExtractionVariable,
  type JsonObject,
  type JsonValue,
} from '@dograh-trigger/shared';
import { shapeFault } from '../../http/body/json-shape';
import { doNotCall } from './endings';
import { findNode, textOf } from './nodes';
import type { Message, ModelRequest } from './port';
import { renderPrompt } from './prompt';
import type { ExtractionTask, Script } from './script';
import { plain } from './speech/words';

const instruction = [
  'Extract structured data from the conversation below.',
  'Answer with one valid JSON object that has the variables as its top-level keys, and with nothing else: no Markdown and no explanation.',
  'Leave out a variable that the conversation says nothing about.',
].join(' ');

/** Of a tool's result, in the request. */
const longestResult = 2000;
/** Of an extracted value: a text is cut, and anything else is left out. */
const longestValue = 4000;

/** Whether values are extracted when this node is left. */
export function isExtracted(node: AgentNode): boolean {
  return extractionVariablesOf(node).length > 0;
}

/** A request of bounded size, and in words what had no room in it. */
export interface Extraction {
  request: ModelRequest;
  leftOut: string | null;
}

/** @throws RangeError for a prompt with too many places to fill in. */
export function extractionRequest(
  script: Script,
  task: ExtractionTask,
  history: readonly Message[],
): Extraction {
  const node = findNode(script.definition, task.nodeId);
  const prompt = renderPrompt(script, textOf(node?.data.extraction_prompt));
  const variables = askedVariables(script, node === undefined ? [] : extractionVariablesOf(node));
  const spoken = lastLines(history.slice(0, task.messages), script.limits.extractionCharacters);
  const lines = [
    ...['', '', 'Variables to extract:', ...variables.lines],
    ...['', 'Conversation history:', ...spoken.lines],
  ];
  const notes = [...variables.notes, ...spoken.notes];
  return {
    request: {
      system: prompt.trim() === '' ? instruction : `${instruction}\n\n${prompt}`,
      messages: [{ role: 'user', content: lines.join('\n') }],
      functions: [],
      streamed: false,
    },
    leftOut: notes.length === 0 ? null : notes.join('; '),
  };
}

/** Lines of a request, and in words what had no room among them. */
interface Part {
  lines: string[];
  notes: string[];
}

/** Rendered one by one, so that no more than the room is ever held. */
function askedVariables(script: Script, variables: readonly ExtractionVariable[]): Part {
  const { extractedVariables: most, extractionCharacters, promptCharacters } = script.limits;
  const lines: string[] = [];
  let room = extractionCharacters;
  let cut = 0;
  for (const { name, type, hint } of variables) {
    const head = `- ${name} (${type}): `;
    if (lines.length === most || head.length > room) continue;
    const longest = Math.min(promptCharacters, room - head.length);
    const text = renderPrompt(script, hint, longest);
    if (text !== '' && text.length >= longest) cut += 1;
    lines.push(head + text);
    room -= head.length + text.length;
  }
  const left = variables.length - lines.length;
  return {
    lines,
    notes: [
      ...(left === 0 ? [] : [`${String(left)} of ${String(variables.length)} variables are left out`]),
      ...(cut === 0 ? [] : [`the hints of ${String(cut)} variables are cut`]),
    ],
  };
}

/** The end of a history: what was said last counts. */
function lastLines(history: readonly Message[], most: number): Part {
  const names = new Map(
    history.flatMap((message) =>
      message.role === 'assistant' ? (message.calls ?? []).map(({ id, name }) => [id, name] as const) : [],
    ),
  );
  const parts: string[][] = [];
  let room = most;
  for (const message of history.toReversed()) {
    const lines = linesOf(message, names);
    room -= lines.reduce((sum, line) => sum + line.length, 0);
    if (room < 0) break;
    parts.push(lines);
  }
  const notes = room < 0 ? ['the beginning of the conversation is left out'] : [];
  return { lines: parts.reverse().flat(), notes };
}

/** The values of the variables that a node declares, from the model's answer. Others are left out. */
export function extractedValues(script: Script, { nodeId }: ExtractionTask, answer: string): JsonObject {
  const node = findNode(script.definition, nodeId);
  const parsed = parseAnswer(answer);
  if (node === undefined || !isObject(parsed)) return {};
  return Object.fromEntries(
    extractionVariablesOf(node).flatMap(({ name, type }) => {
      const value = Object.hasOwn(parsed, name) ? parsed[name] : undefined;
      const kept = value === undefined ? undefined : bounded(coerced(value, type));
      return kept === undefined ? [] : [[name, kept]];
    }),
  );
}

/** Names of `gathered_context` that the server writes about the call. A variable of such a name is in `extracted_variables` alone. */
const ownNames: ReadonlySet<string> = new Set([
  ...['nodes_visited', 'call_tags', 'extracted_variables', 'mapped_call_disposition', 'call_status'],
  ...['provider', 'triggered_by', 'trigger_uuid', 'call_id', 'reason', 'dial_outcome', 'error'],
  ...['answered_by', 'answered_by_raw', 'announcement_heard', 'ring_timed_out', 'carrier_reason', 'sip_code'],
]);

/** A tool's word that the callee must not be called again stands, whatever is extracted later. */
export function withExtracted(gathered: JsonObject, values: JsonObject): JsonObject {
  if (Object.keys(values).length === 0) return gathered;
  const earlier = isObject(gathered.extracted_variables) ? gathered.extracted_variables : {};
  const { call_disposition: disposition, call_tags: tags } = gathered;
  const isKept = disposition === doNotCall && Array.isArray(tags) && tags.includes('end_call_tool');
  const shown = Object.entries(values).filter(
    ([name]) => !ownNames.has(name) && !(isKept && name === 'call_disposition'),
  );
  return {
    ...gathered,
    ...Object.fromEntries(shown),
    extracted_variables: { ...earlier, ...values },
  };
}

/** As Dograh reads an answer: the whole text, a fenced block, the first object, the first list, or the text as `raw`. */
export function parseAnswer(text: string): JsonValue {
  const answer = text.trim();
  if (answer === '') return {};
  const [, fenced = ''] = /```(?:json)?([^`]*)```/.exec(answer) ?? [];
  for (const part of [answer, fenced, balanced(answer, '{', '}'), balanced(answer, '[', ']')]) {
    const value = parseJson(part);
    if (typeof value === 'object' && value !== null) return value;
  }
  return { raw: answer };
}

function parseJson(text: string): JsonValue {
  if (shapeFault(Buffer.from(text)) !== null) return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}

/** From the first opening bracket to its closing one. Brackets in strings do not count. */
function balanced(text: string, open: string, close: string): string {
  const start = text.indexOf(open);
  if (start === -1) return '';
  let depth = 0;
  let isInString = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (isInString && character === '\\') index += 1;
    else if (character === '"') isInString = !isInString;
    else if (!isInString && character === open) depth += 1;
    else if (!isInString && character === close && --depth === 0) return text.slice(start, index + 1);
  }
  return '';
}

function bounded(value: JsonValue): JsonValue | undefined {
  if (typeof value === 'string') return plain(value).slice(0, longestValue).toWellFormed();
  return JSON.stringify(value).length > longestValue ? undefined : value;
}

/** Numbers and booleans that the model wrote as text, where they are exact. Everything else is kept as it is, as in Dograh. */
function coerced(value: JsonValue, type: string): JsonValue {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (type === 'number' && /^-?\d+(?:\.\d+)?$/.test(text) && Number.isFinite(Number(text))) {
    return Number(text);
  }
  if (type === 'boolean' && /^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return value;
}

/** @param names the functions that were called, by the id of the call. */
function linesOf(message: Message, names: ReadonlyMap<string, string>): string[] {
  if (message.role !== 'tool') return message.content ? [`${message.role}: ${message.content}`] : [];
  const shown = resultOf(message.content);
  if (shown === null) return [];
  return [`[Tool Response: ${names.get(message.callId) ?? 'unknown'}]`, shown];
}

/** Null for a result that says nothing but that it is done. */
function resultOf(content: string): string | null {
  const result = parseJson(content);
  if (!isObject(result)) return null;
  const { status: _status, status_code: _code, ...rest } = result;
  const shown = result.data ?? rest;
  if (isObject(shown) && Object.keys(shown).length === 0) return null;
  const text = pythonText(shown);
  return text.length > longestResult ? `${text.slice(0, longestResult)}...(truncated)` : text;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
