/** The filter of the list of calls, in the address of the screen and in the API's query. */
import type { CallSource, RunStatus } from '@dograh-trigger/shared';
import { sourceWords, statusWords } from '../../ui/run-words';

/** Empty texts and empty lists filter nothing. */
export interface CallFilter {
  agentId: number | null;
  statuses: RunStatus[];
  disposition: string;
  source: CallSource | null;
  /** Only calls that were placed with this API key. */
  keyId: number | null;
  /** Part of a phone number or of a call's reference, or a call's id. */
  text: string;
  /** Days in the reader's time zone, `2026-11-23`. Both days are included. */
  from: string;
  to: string;
}

export const noFilter: CallFilter = {
  agentId: null,
  statuses: [],
  disposition: '',
  source: null,
  keyId: null,
  text: '',
  from: '',
  to: '',
};

/** What cannot be read filters nothing. @param search the query of the address, without its `?`. */
export function readFilter(search: string): CallFilter {
  const query = new URLSearchParams(search);
  const text = (name: string) => query.get(name)?.trim() ?? '';
  return {
    agentId: positive(text('agent')),
    statuses: text('status')
      .split(',')
      .filter((word) => isStatus(word)),
    disposition: text('disposition'),
    source: sourceOf(text('source')),
    keyId: positive(text('key')),
    text: text('text').slice(0, 100),
    from: dayOf(text('from')),
    to: dayOf(text('to')),
  };
}

/** @returns the query of the screen's address without its `?`; empty for no filter. */
export function writeFilter(filter: CallFilter): string {
  const query = new URLSearchParams();
  const values: Record<string, string> = {
    agent: filter.agentId === null ? '' : String(filter.agentId),
    status: filter.statuses.join(','),
    disposition: filter.disposition,
    source: filter.source ?? '',
    key: filter.keyId === null ? '' : String(filter.keyId),
    text: filter.text.trim(),
    from: filter.from,
    to: filter.to,
  };
  for (const [name, value] of Object.entries(values)) if (value !== '') query.set(name, value);
  return query.toString().replaceAll('%2C', ',');
}

export function isFiltered(filter: CallFilter): boolean {
  return writeFilter(filter) !== '';
}

/** The parameters that list, report and summary have in common. */
export interface ListQuery {
  start_date?: string;
  end_date?: string;
  filters?: string;
}

interface Condition {
  attribute: string;
  type: string;
  value: object;
}

/** @returns the same filter for the API. Days begin and end at the reader's midnight. */
export function queryOf(filter: CallFilter): ListQuery {
  const conditions: Condition[] = [];
  const add = (attribute: string, type: string, value: object) => conditions.push({ attribute, type, value });
  if (filter.agentId !== null) add('workflowId', 'number', { value: filter.agentId });
  if (filter.statuses.length > 0) add('status', 'multiSelect', { codes: filter.statuses });
  if (filter.disposition !== '') add('dispositionCode', 'multiSelect', { codes: [filter.disposition] });
  if (filter.source !== null) add('source', 'multiSelect', { codes: [filter.source] });
  if (filter.keyId !== null) add('apiKeyId', 'number', { value: filter.keyId });
  if (filter.text !== '') add('text', 'text', { value: filter.text });
  return {
    ...(filter.from === '' ? {} : { start_date: startOf(filter.from, 0).toISOString() }),
    ...(filter.to === '' ? {} : { end_date: new Date(startOf(filter.to, 1).getTime() - 1).toISOString() }),
    ...(conditions.length === 0 ? {} : { filters: JSON.stringify(conditions) }),
  };
}

/** The reader's midnight at the beginning of a day, or of one of the days after it. */
function startOf(day: string, daysLater: number): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater);
}

function positive(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

function isStatus(word: string): word is RunStatus {
  return Object.hasOwn(statusWords, word);
}

function sourceOf(word: string): CallSource | null {
  return Object.hasOwn(sourceWords, word) ? (word as CallSource) : null;
}

function dayOf(text: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : '';
}
