/** Where the canvas draws nodes: where they were put, or in levels from the start where nobody put them. */
import type { AgentDefinition, AgentNode } from '@dograh-trigger/shared';
import type { Position } from './content';

/** Distances in pixels; a node's card is 240 wide and at most about 150 high. */
const across = 300;
const down = 220;

export function positionOf({ position }: AgentNode): Position | null {
  const { x, y } = position ?? {};
  return typeof x === 'number' && typeof y === 'number' ? { x, y } : null;
}

/** The position of every node: its own, or one of {@link tidyPositions} below those that have one. */
export function positionsOf(definition: AgentDefinition): Map<string, Position> {
  const own = new Map<string, Position>();
  for (const node of definition.nodes) {
    const position = positionOf(node);
    if (position !== null) own.set(node.id, position);
  }
  if (own.size === definition.nodes.length) return own;
  const offset = own.size === 0 ? 0 : Math.max(...[...own.values()].map(({ y }) => y)) + down;
  const placed = new Map(own);
  for (const [id, { x, y }] of tidyPositions(definition)) {
    if (!own.has(id)) placed.set(id, { x, y: y + offset });
  }
  return placed;
}

/** Where a new node does not cover another one. */
export function freePosition(definition: AgentDefinition): Position {
  const positions = [...positionsOf(definition).values()];
  if (positions.length === 0) return { x: 0, y: 0 };
  const lowest = positions.reduce((one, other) => (other.y > one.y ? other : one));
  return { x: lowest.x, y: lowest.y + down };
}

/** Steps of the conversation in levels below the start; everything else in a column to their left. */
export function tidyPositions({ nodes, edges }: AgentDefinition): Map<string, Position> {
  const levels = levelsOf(nodes, edges);
  const rows = new Map<number, string[]>();
  const aside: string[] = [];
  for (const { id } of nodes) {
    const level = levels.get(id);
    if (level === undefined) aside.push(id);
    else rows.set(level, [...(rows.get(level) ?? []), id]);
  }
  const positions = new Map<string, Position>();
  for (const [level, ids] of rows) {
    const left = (-(ids.length - 1) * across) / 2;
    ids.forEach((id, column) => positions.set(id, { x: left + column * across, y: level * down }));
  }
  const widest = Math.max(1, ...[...rows.values()].map(({ length }) => length));
  const x = (-(widest - 1) * across) / 2 - across - 60;
  aside.forEach((id, row) => positions.set(id, { x, y: row * down }));
  return positions;
}

/** The least number of transitions from a start to each node that can be reached, or that transitions leave. */
function levelsOf(nodes: readonly AgentNode[], edges: AgentDefinition['edges']): Map<string, number> {
  const known = new Set(nodes.map(({ id }) => id));
  const next = new Map<string, string[]>();
  for (const { source, target } of edges) {
    if (known.has(target)) next.set(source, [...(next.get(source) ?? []), target]);
  }
  const levels = new Map<string, number>();
  const walk = (from: string) => {
    if (levels.has(from)) return;
    levels.set(from, 0);
    const queue = [from];
    for (const id of queue) {
      for (const target of next.get(id) ?? []) {
        if (levels.has(target)) continue;
        levels.set(target, (levels.get(id) ?? 0) + 1);
        queue.push(target);
      }
    }
  };
  for (const { id, type } of nodes) if (type === 'startCall') walk(id);
  for (const { id } of nodes) if (next.has(id)) walk(id);
  return levels;
}
