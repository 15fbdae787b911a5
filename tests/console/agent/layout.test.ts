import {
  freePosition,
  positionsOf,
  tidyPositions,
} from '../../../trigger-server/console/src/screens/agent/model/layout';
import { contentWith, edge, node } from './support';

const { definition } = contentWith({
  nodes: [
    node('start', 'startCall'),
    node('a', 'agentNode'),
    node('b', 'agentNode'),
    node('end', 'endCall'),
    node('trigger', 'trigger'),
  ],
  edges: [edge('start', 'a'), edge('start', 'b'), edge('a', 'end'), edge('b', 'end'), edge('a', 'start')],
});

test('steps stand in levels below the start, and what is no step stands to their left', () => {
  const positions = tidyPositions(definition);
  const at = (id: string) => positions.get(id)!;
  expect(at('start').y).toBeLessThan(at('a').y);
  expect(at('a').y).toBe(at('b').y);
  expect(at('a').y).toBeLessThan(at('end').y);
  expect(at('trigger').x).toBeLessThan(Math.min(at('a').x, at('b').x));
  expect(new Set([...positions.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(5);
});

test('own positions are kept, also those that are not whole; the others do not cover them', () => {
  const placed = contentWith({
    nodes: [{ ...node('start', 'startCall'), position: { x: 0.5, y: 40 } }, node('a', 'agentNode')],
  });
  const positions = positionsOf(placed.definition);
  expect(positions.get('start')).toEqual({ x: 0.5, y: 40 });
  expect(positions.get('a')!.y).toBeGreaterThan(40);
});

test('a position that is not two numbers counts as none', () => {
  const odd = contentWith({ nodes: [{ ...node('start', 'startCall'), position: { x: '3', y: null } }] });
  expect(positionsOf(odd.definition).get('start')).toEqual({ x: 0, y: 0 });
});

test('a new node stands below all others', () => {
  const lowest = Math.max(...[...positionsOf(definition).values()].map(({ y }) => y));
  expect(freePosition(definition).y).toBeGreaterThan(lowest);
  expect(freePosition(contentWith({}).definition)).toEqual({ x: 0, y: 0 });
});

test('a transition that leads nowhere and a circle do not stop the layout', () => {
  const circle = contentWith({
    nodes: [node('a', 'agentNode'), node('b', 'agentNode')],
    edges: [edge('a', 'b'), edge('b', 'a'), edge('a', 'gone')],
  });
  expect([...tidyPositions(circle.definition).keys()]).toEqual(['a', 'b']);
});
