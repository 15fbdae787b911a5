/** What differs between two contents of an agent, in the words of its forms. */
import type { AgentEdge, JsonObject, JsonValue } from '@dograh-trigger/shared';
import { nameOfEdge, nameOfNode, type AgentContent } from './content';
import type { NodeSpecs } from './graph-rules';
import { nameOfField, textOf } from './node-form';
import { positionOf } from './layout';

export interface ChangedField {
  name: string;
  /** Null: the field was not there, or is not there any more. */
  before: string | null;
  after: string | null;
}

export interface Change {
  kind: 'added' | 'removed' | 'changed';
  /** `Start Call “Start”`, or `Transition “Done” from “Start” to “End”`. */
  subject: string;
  fields: ChangedField[];
}

export interface Difference {
  changes: Change[];
  /** How many nodes stand elsewhere on the canvas. It changes no call. */
  movedNodes: number;
}

export function differenceOf(before: AgentContent, after: AgentContent, specs: NodeSpecs): Difference {
  return {
    changes: [
      ...nodeChanges(before, after, specs),
      ...edgeChanges(before, after),
      ...keyChanges('Settings', before.configurations, after.configurations),
      ...keyChanges('Example values', before.testValues, after.testValues),
    ],
    movedNodes: movedNodes(before, after),
  };
}

function movedNodes(before: AgentContent, after: AgentContent): number {
  return after.definition.nodes.filter((node) => {
    const old = before.definition.nodes.find(({ id }) => id === node.id);
    if (old === undefined) return false;
    const [from, to] = [positionOf(old), positionOf(node)];
    return from?.x !== to?.x || from?.y !== to?.y;
  }).length;
}

function nodeChanges(before: AgentContent, after: AgentContent, specs: NodeSpecs): Change[] {
  return changesOfLists(before.definition.nodes, after.definition.nodes, {
    subject: (node) => {
      const spec = specs.get(node.type);
      return `${spec?.display_name ?? node.type} “${nameOfNode(node, spec)}”`;
    },
    partsBefore: ({ type, data }) => ({ ...data, type }),
    partsAfter: ({ type, data }) => ({ ...data, type }),
    // A new node’s defaults say nothing about it.
    partsOfNew: ({ type }) => {
      const defaults = (specs.get(type)?.properties ?? []).map(({ name, default: value }) => [name, value]);
      return { ...(Object.fromEntries(defaults) as JsonObject), type };
    },
    fieldName: (field, { type }) => nameOfField(specs.get(type), field),
  });
}

/** What the form of a transition calls its fields. */
const edgeFields: Record<string, string> = {
  label: 'Label',
  condition: 'Condition',
  transition_speech: 'Said on the way',
};

function edgeChanges(before: AgentContent, after: AgentContent): Change[] {
  const nameOf = ({ definition }: AgentContent, id: string) => {
    const node = definition.nodes.find((candidate) => candidate.id === id);
    return node === undefined ? id : nameOfNode(node);
  };
  const parts =
    (content: AgentContent) =>
    ({ source, target, data }: AgentEdge): JsonObject => ({
      ...data,
      'Comes from': nameOf(content, source),
      'Leads to': nameOf(content, target),
    });
  return changesOfLists(before.definition.edges, after.definition.edges, {
    subject: (edge) => {
      const content = after.definition.edges.includes(edge) ? after : before;
      const [from, to] = [nameOf(content, edge.source), nameOf(content, edge.target)];
      return `Transition “${nameOfEdge(edge)}” from “${from}” to “${to}”`;
    },
    partsBefore: parts(before),
    partsAfter: parts(after),
    partsOfNew: (edge) => ({ ...parts(after)(edge), label: '', condition: '' }),
    fieldName: (field) => edgeFields[field] ?? field,
  });
}

function changesOfLists<Item extends { id: string }>(
  before: readonly Item[],
  after: readonly Item[],
  words: {
    subject: (item: Item) => string;
    partsBefore: (item: Item) => JsonObject;
    partsAfter: (item: Item) => JsonObject;
    /** What an added item is compared with. */
    partsOfNew: (item: Item) => JsonObject;
    fieldName: (field: string, item: Item) => string;
  },
): Change[] {
  const old = new Map(before.map((item) => [item.id, item]));
  const left = new Set(after.map(({ id }) => id));
  return [
    ...after.flatMap((item): Change[] => {
      const previous = old.get(item.id);
      const from = previous === undefined ? words.partsOfNew(item) : words.partsBefore(previous);
      const fields = changedFields(from, words.partsAfter(item)).map((field) => ({
        ...field,
        name: words.fieldName(field.name, item),
      }));
      const subject = words.subject(item);
      if (previous === undefined)
        return [{ kind: 'added', subject, fields: fields.map((field) => ({ ...field, before: null })) }];
      return fields.length === 0 ? [] : [{ kind: 'changed', subject, fields }];
    }),
    ...before
      .filter(({ id }) => !left.has(id))
      .map((item): Change => ({ kind: 'removed', subject: words.subject(item), fields: [] })),
  ];
}

function keyChanges(subject: string, before: JsonObject, after: JsonObject): Change[] {
  const fields = changedFields(before, after);
  return fields.length === 0 ? [] : [{ kind: 'changed', subject, fields }];
}

function changedFields(before: JsonObject, after: JsonObject): ChangedField[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [from, to] = [before[name], after[name]];
    return JSON.stringify(from) === JSON.stringify(to)
      ? []
      : [{ name, before: shown(from), after: shown(to) }];
  });
}

function shown(value: JsonValue | undefined): string | null {
  return value === undefined ? null : textOf(value);
}
