/** The server's faults and warnings of an agent, sorted by what they are about. */
import type { AgentEdge, AgentNode, DefinitionFault, DefinitionReport } from '@dograh-trigger/shared';
import type { AgentContent } from './content';

export interface Fault {
  /** The key in the node's or transition's data; null when it is about all of it. */
  field: string | null;
  message: string;
  isWarning: boolean;
}

export interface Faults {
  byNode: ReadonlyMap<string, readonly Fault[]>;
  byEdge: ReadonlyMap<string, readonly Fault[]>;
  /** About the agent as a whole. */
  general: readonly Fault[];
}

export const noFaults: Faults = { byNode: new Map(), byEdge: new Map(), general: [] };

/** @returns the report in a refusal's `detail`, or null where the detail is something else. */
export function reportIn(detail: unknown): DefinitionReport | null {
  if (typeof detail !== 'object' || detail === null || !('errors' in detail)) return null;
  return Array.isArray(detail.errors) ? (detail as DefinitionReport) : null;
}

/**
 * @param saved what the server checked.
 * @param present what is in the editor now: a fault of a field that was changed since, or of a node that was removed, is
 * left out.
 */
export function sortFaults(report: DefinitionReport, saved: AgentContent, present: AgentContent): Faults {
  const byNode = new Map<string, Fault[]>();
  const byEdge = new Map<string, Fault[]>();
  const general: Fault[] = [];
  const add = (fault: DefinitionFault, isWarning: boolean) => {
    const field = fault.field?.replace(/^data\./, '') ?? null;
    const sorted: Fault = { field, message: fault.message, isWarning };
    if (fault.id === null || fault.kind === 'workflow') {
      general.push(sorted);
      return;
    }
    const pick = fault.kind === 'node' ? nodeOf : edgeOf;
    const now = pick(present, fault.id);
    if (now === undefined) return;
    if (field !== null && valueAt(now, field) !== valueAt(pick(saved, fault.id), field)) return;
    const map = fault.kind === 'node' ? byNode : byEdge;
    map.set(fault.id, [...(map.get(fault.id) ?? []), sorted]);
  };
  for (const fault of report.errors) add(fault, false);
  for (const fault of report.warnings ?? []) add(fault, true);
  return { byNode, byEdge, general };
}

function nodeOf({ definition }: AgentContent, id: string): AgentNode | undefined {
  return definition.nodes.find((node) => node.id === id);
}

function edgeOf({ definition }: AgentContent, id: string): AgentEdge | undefined {
  return definition.edges.find((edge) => edge.id === id);
}

function valueAt(item: AgentNode | AgentEdge | undefined, field: string): string | undefined {
  return JSON.stringify(item?.data?.[field] ?? item?.[field]);
}

/** The faults of one field as one sentence, or undefined. Warnings are shown beside the form. */
export function faultOfField(faults: readonly Fault[], field: string): string | undefined {
  const messages = faults.filter((fault) => fault.field === field && !fault.isWarning);
  return messages.length === 0 ? undefined : messages.map(({ message }) => message).join(' ');
}

/** `2 faults, 1 warning`, or an empty text. */
export function countFaults(faults: readonly Fault[]): string {
  const warnings = faults.filter(({ isWarning }) => isWarning).length;
  const counts = [
    [faults.length - warnings, 'fault'],
    [warnings, 'warning'],
  ] as const;
  return counts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}${count === 1 ? '' : 's'}`)
    .join(', ');
}
