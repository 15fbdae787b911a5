/** The agent as a graph. It has a chunk of its own, since no other view needs the library that draws it. */
import {
  Background,
  Controls,
  ReactFlow,
  type Connection,
  type Edge,
  type Node,
  type NodeChange,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useMemo, useState } from 'react';
import { useToast } from '../../../ui/toast';
import type { Editor } from '../editor/use-editor';
import {
  addEdge,
  moveNodes,
  nameOfEdge,
  nameOfNode,
  removeEdge,
  removeNode,
  type AgentContent,
} from '../model/content';
import type { Faults } from '../model/faults';
import { mayEnter, mayLeave, refusalOfEdge, type NodeSpecs } from '../model/graph-rules';
import { positionsOf } from '../model/layout';
import { NodeCard, type CardData } from './node-card';
import { TransitionEdge, type TransitionData } from './transition-edge';
import styles from './canvas.module.css';

type CardNode = Node<CardData, 'card'>;
type TransitionLine = Edge<TransitionData, 'transition'>;

const nodeTypes = { card: NodeCard };
const edgeTypes = { transition: TransitionEdge };

/** What the library reports and an agent does not store. */
interface Shown {
  measured: ReadonlyMap<string, { width: number; height: number }>;
  dragged: ReadonlyMap<string, { x: number; y: number }>;
  selected: ReadonlySet<string>;
}

const nothingShown: Shown = { measured: new Map(), dragged: new Map(), selected: new Set() };

function withChanges(shown: Shown, changes: readonly NodeChange<CardNode>[]): Shown {
  const measured = new Map(shown.measured);
  const dragged = new Map(shown.dragged);
  const selected = new Set(shown.selected);
  for (const change of changes) {
    if (change.type === 'dimensions' && change.dimensions !== undefined)
      measured.set(change.id, change.dimensions);
    if (change.type === 'position' && change.position !== undefined) dragged.set(change.id, change.position);
    if (change.type === 'select' && change.selected) selected.add(change.id);
    if (change.type === 'select' && !change.selected) selected.delete(change.id);
  }
  return { measured, dragged, selected };
}

export default function Canvas(props: {
  editor: Editor;
  specs: NodeSpecs;
  faults: Faults;
  /** The production URL, shown on the trigger node; null where there is none. */
  productionUrl: string | null;
  onOpenNode: (id: string) => void;
  onOpenEdge: (id: string) => void;
}) {
  const { editor, specs, faults, productionUrl, onOpenNode, onOpenEdge } = props;
  const { definition } = editor.content;
  const toast = useToast();
  const [shown, setShown] = useState(nothingShown);
  const [selectedEdges, setSelectedEdges] = useState<ReadonlySet<string>>(new Set());

  const nodes = useMemo(() => {
    const positions = positionsOf(definition);
    return definition.nodes.map((node): CardNode => {
      const spec = specs.get(node.type);
      const typeName = spec?.display_name ?? node.type;
      const measured = shown.measured.get(node.id);
      return {
        id: node.id,
        type: 'card',
        position: shown.dragged.get(node.id) ?? positions.get(node.id) ?? { x: 0, y: 0 },
        selected: shown.selected.has(node.id),
        ariaLabel: `${typeName}: ${nameOfNode(node, spec)}`,
        ...(measured === undefined ? {} : { measured }),
        data: {
          node,
          typeName,
          category: spec?.category ?? 'integration',
          faults: faults.byNode.get(node.id) ?? [],
          url: node.type === 'trigger' ? productionUrl : null,
          mayEnter: mayEnter(spec),
          mayLeave: mayLeave(spec),
          onOpen: () => onOpenNode(node.id),
        },
      };
    });
  }, [definition, specs, faults, productionUrl, shown, onOpenNode]);

  const edges = useMemo(() => {
    const names = new Map(definition.nodes.map((node) => [node.id, nameOfNode(node, specs.get(node.type))]));
    return definition.edges.map((edge): TransitionLine => ({
      id: edge.id,
      source: edge.source,
      target: edge.target,
      type: 'transition',
      selected: selectedEdges.has(edge.id),
      ariaLabel: `Transition “${nameOfEdge(edge)}” from ${names.get(edge.source) ?? edge.source} to ${names.get(edge.target) ?? edge.target}`,
      data: {
        label: nameOfEdge(edge),
        faults: faults.byEdge.get(edge.id) ?? [],
        onOpen: () => onOpenEdge(edge.id),
      },
    }));
  }, [definition, specs, faults, selectedEdges, onOpenEdge]);

  function connect({ source, target }: Connection): void {
    const added = addEdge(editor.content, { source, target });
    editor.edit(() => added.content);
    onOpenEdge(added.id);
  }

  return (
    <div className={styles.canvas}>
      <ReactFlow<CardNode, TransitionLine>
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        aria-label="Canvas of the agent. The outline has the same content for the keyboard."
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.15 }}
        minZoom={0.2}
        deleteKeyCode={['Delete', 'Backspace']}
        isValidConnection={({ source, target }) =>
          refusalOfEdge(definition, specs, { source, target }) === null
        }
        onConnect={connect}
        onNodesChange={(changes) => setShown((before) => withChanges(before, changes))}
        onEdgesChange={(changes) =>
          setSelectedEdges((before) => {
            const selected = new Set(before);
            for (const change of changes) {
              if (change.type !== 'select') continue;
              if (change.selected) selected.add(change.id);
              else selected.delete(change.id);
            }
            return selected;
          })
        }
        onNodeDragStop={(_event, _node, moved) => {
          editor.edit((content) =>
            moveNodes(content, new Map(moved.map(({ id, position }) => [id, position]))),
          );
          setShown((before) => ({ ...before, dragged: new Map() }));
        }}
        onNodeDoubleClick={(_event, node) => onOpenNode(node.id)}
        onEdgeDoubleClick={(_event, edge) => onOpenEdge(edge.id)}
        onDelete={({ nodes: goneNodes, edges: goneEdges }) => {
          editor.edit((content) => withoutAll(content, goneNodes, goneEdges));
          toast('Removed. Undo brings it back.');
        }}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function withoutAll(
  content: AgentContent,
  nodes: readonly { id: string }[],
  edges: readonly { id: string }[],
): AgentContent {
  const without = edges.reduce((left, { id }) => removeEdge(left, id), content);
  return nodes.reduce((left, { id }) => removeNode(left, id), without);
}
