/** A node on the canvas: its type, its name, the beginning of its text, and what is wrong with it. */
import type { AgentNode, NodeSpec } from '@dograh-trigger/shared';
import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { Badge } from '../../../ui/badge';
import { CopyButton } from '../../../ui/copy';
import { nameOfNode } from '../model/content';
import { countFaults, type Fault } from '../model/faults';
import styles from './canvas.module.css';

// A type and not an interface: the library wants one that is assignable to a record.
export type CardData = {
  node: AgentNode;
  typeName: string;
  category: NodeSpec['category'];
  faults: readonly Fault[];
  url: string | null;
  mayEnter: boolean;
  mayLeave: boolean;
  onOpen: () => void;
};

/** Keeps the library from taking a press on a control for the beginning of a drag. */
const notDragged = 'nodrag nopan';

function firstWords({ data }: AgentNode): string {
  const text = [data['greeting'], data['prompt'], data['endpoint_url'], data['qa_system_prompt']].find(
    (value) => typeof value === 'string' && value.trim() !== '',
  );
  return typeof text === 'string' ? text.slice(0, 120) : '';
}

export function NodeCard({ data, selected }: NodeProps<Node<CardData, 'card'>>) {
  const { node, typeName, category, faults, url } = data;
  const isOff = node.data['enabled'] === false || node.data['qa_enabled'] === false;
  return (
    <div
      className={`${styles.card ?? ''} ${styles[category] ?? ''} ${selected ? (styles.selected ?? '') : ''}`}
    >
      {data.mayEnter && <Handle type="target" position={Position.Top} className={styles.handle} />}
      <div className={styles.type}>
        {typeName}
        {isOff && <Badge tone="plain">Off</Badge>}
      </div>
      <button type="button" className={`${styles.open ?? ''} ${notDragged}`} onClick={data.onOpen}>
        {nameOfNode(node)}
        <span className="visually-hidden">: edit</span>
      </button>
      <p className={styles.words}>{firstWords(node)}</p>
      {url !== null && (
        <div className={`${styles.url ?? ''} ${notDragged}`}>
          <code title={url}>{url}</code>
          <CopyButton text={url} what="the production URL" />
        </div>
      )}
      {faults.length > 0 && (
        <Badge tone={faults.some(({ isWarning }) => !isWarning) ? 'bad' : 'warn'}>
          {countFaults(faults)}
        </Badge>
      )}
      {data.mayLeave && <Handle type="source" position={Position.Bottom} className={styles.handle} />}
    </div>
  );
}
