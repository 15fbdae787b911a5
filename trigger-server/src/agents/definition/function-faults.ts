/** Faults of the functions that a node offers to the model: its tools and the transitions that leave it. */
import type { AgentDefinition, AgentEdge, AgentNode, DefinitionFault } from '@dograh-trigger/shared';
import { longestFunctionName, toolFunctionName, transitionFunctionName } from './function-names';
import type { NamedTool, NamedTools } from './named-tools';

/**
 * Labels and names that stand twice at a node.
 * @param talks where a model is to choose between the functions, labels that have the same function name are the same, as
 * in Dograh. To any other agent they do no harm, and a label is the same only if it is written in the same way.
 */
export function nameCollisions(
  definition: AgentDefinition,
  tools: NamedTools,
  talks: boolean,
): DefinitionFault[] {
  const edges = grouped(definition.edges.filter(hasLabel), ({ source }) => source);
  const keyOf = talks ? functionOf : ({ data: { label } }: LabelledEdge) => label.trim();
  const repeated = [...edges.values()].flatMap((leaving) => repeatedTransitions(leaving, keyOf));
  if (!talks) return repeated;
  const toolsOf = new Map(
    definition.nodes.map((node) => [
      node.id,
      grouped(activeTools(node, tools), ({ name }) => toolFunctionName(name)),
    ]),
  );
  return [
    ...repeated,
    ...definition.nodes.flatMap((node) => repeatedTools(node, toolsOf.get(node.id) ?? new Map())),
    ...[...edges].flatMap(([source, leaving]) => conflicts(leaving, toolsOf.get(source) ?? new Map())),
  ];
}

/** Names that an endpoint of a model would refuse. */
export function longNames({ edges }: AgentDefinition): DefinitionFault[] {
  return edges
    .filter(hasLabel)
    .filter((edge) => functionOf(edge).length > longestFunctionName)
    .map((edge) =>
      ofEdge(
        edge,
        `The label has more than ${longestFunctionName} characters: a language model knows the transition by the beginning of its label.`,
      ),
    );
}

/** Tools of a node that no call is offered. */
export function missingTools({ nodes }: AgentDefinition, tools: NamedTools): DefinitionFault[] {
  return nodes.flatMap((node) =>
    [...new Set(toolUuids(node))].flatMap((uuid): DefinitionFault[] => {
      const tool = tools.get(uuid);
      if (tool?.isActive === true) return [];
      const message =
        tool === undefined
          ? 'This organization has no tool with this UUID, so calls go on without it. Make the tool, and choose it here.'
          : `The tool "${tool.name}" is not active, so calls go on without it. Activate it, or take it out of this node.`;
      return [{ kind: 'node', id: node.id, field: 'data.tool_uuids', message }];
    }),
  );
}

/** Whether a check needs the tools of the organization. */
export function namesTools({ nodes }: AgentDefinition): boolean {
  return nodes.some((node) => toolUuids(node).length > 0);
}

function toolUuids({ data: { tool_uuids: uuids } }: AgentNode): string[] {
  return Array.isArray(uuids) ? uuids.filter((uuid) => typeof uuid === 'string') : [];
}

function activeTools(node: AgentNode, tools: NamedTools): NamedTool[] {
  return [...new Set(toolUuids(node))].flatMap((uuid) => {
    const tool = tools.get(uuid);
    return tool?.isActive === true ? [tool] : [];
  });
}

type LabelledEdge = AgentEdge & { data: { label: string } };

/** A draft may have transitions without a label. */
function hasLabel(edge: AgentEdge): edge is LabelledEdge {
  const label = edge.data?.label;
  return typeof label === 'string' && label.trim() !== '';
}

/** A label may have 1 MiB, and its name is asked for several times. */
const names = new WeakMap<AgentEdge, string>();

function functionOf(edge: LabelledEdge): string {
  const name = names.get(edge) ?? transitionFunctionName(edge.data.label);
  names.set(edge, name);
  return name;
}

function repeatedTransitions(
  edges: readonly LabelledEdge[],
  keyOf: (edge: LabelledEdge) => string,
): DefinitionFault[] {
  return [...grouped(edges, keyOf).values()]
    .filter((sharing) => sharing.length > 1)
    .flatMap((sharing) => {
      // Once for all of them: thousands of transitions may share a name.
      const advice = `Use a unique edge label.${wayOut(sharing)}`;
      return sharing.map((edge) =>
        ofEdge(edge, `Transition tool name "${functionOf(edge)}" is duplicated for this node. ${advice}`),
      );
    });
}

/** Labels that are written differently stand only in the way of a model. */
function wayOut(sharing: readonly LabelledEdge[]): string {
  const isWrittenAlike = new Set(sharing.map(({ data: { label } }) => label.trim())).size < sharing.length;
  return isWrittenAlike ? '' : ' Or set the answer of the agent to announce, which needs no model.';
}

function repeatedTools({ id }: AgentNode, tools: ReadonlyMap<string, NamedTool[]>): DefinitionFault[] {
  return [...tools]
    .filter(([, sharing]) => sharing.length > 1)
    .map(([name, sharing]) => ({
      kind: 'node',
      id,
      field: 'data.tool_uuids',
      message: `Custom tools ${sharing.map((tool) => `"${tool.name}"`).join(', ')} generate duplicate LLM tool name "${name}" on this node. Rename one of the tools.`,
    }));
}

function conflicts(
  edges: readonly LabelledEdge[],
  tools: ReadonlyMap<string, NamedTool[]>,
): DefinitionFault[] {
  return edges.flatMap((edge) => {
    const [tool] = tools.get(functionOf(edge)) ?? [];
    if (tool === undefined) return [];
    const message = `Transition tool name "${functionOf(edge)}" conflicts with custom tool "${tool.name}" attached to this node. Use a unique edge label or rename the custom tool.`;
    return [ofEdge(edge, message)];
  });
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function ofEdge({ id }: AgentEdge, message: string): DefinitionFault {
  return { kind: 'edge', id, field: 'data.label', message };
}
