/** The agent as lists and forms: everything that the canvas can do, for the keyboard and for screen readers. */
import type { AgentNode } from '@dograh-trigger/shared';
import { useState } from 'react';
import { Badge } from '../../../ui/badge';
import { Button } from '../../../ui/button';
import { Empty } from '../../../ui/empty';
import { useToast } from '../../../ui/toast';
import type { Editor } from '../editor/use-editor';
import { AddNode } from '../forms/add-node';
import { NodeForm } from '../forms/node-form';
import { nameOfNode, removeNode } from '../model/content';
import { countFaults, type Faults } from '../model/faults';
import { mayLeave, type NodeSpecs } from '../model/graph-rules';
import { TriggerPanel } from '../trigger/trigger-panel';
import { Transitions } from './transitions';
import styles from './outline.module.css';
import { isolated } from '../../../ui/isolated';

interface OutlineProps {
  editor: Editor;
  specs: NodeSpecs;
  faults: Faults;
}

export function Outline(props: OutlineProps) {
  const { editor, specs } = props;
  const { nodes } = editor.content.definition;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string, isOpen: boolean) =>
    setOpen((before) => {
      const after = new Set(before);
      if (isOpen) after.add(id);
      else after.delete(id);
      return after;
    });
  return (
    <div className={styles.outline}>
      {nodes.length === 0 && (
        <Empty title="No nodes yet">
          <p>An agent begins with a Start Call node. Add one below.</p>
        </Empty>
      )}
      <ul className={styles.nodes}>
        {nodes.map((node) => (
          <li key={node.id}>
            <NodeEntry
              {...props}
              node={node}
              isOpen={open.has(node.id)}
              onToggle={(isOpen) => toggle(node.id, isOpen)}
            />
          </li>
        ))}
      </ul>
      <AddNode editor={editor} specs={specs} onAdded={(id) => toggle(id, true)} />
    </div>
  );
}

function NodeEntry(
  props: OutlineProps & { node: AgentNode; isOpen: boolean; onToggle: (isOpen: boolean) => void },
) {
  const { node, editor, specs, faults, isOpen, onToggle } = props;
  const toast = useToast();
  const spec = specs.get(node.type);
  const own = faults.byNode.get(node.id) ?? [];
  const name = nameOfNode(node, spec);
  return (
    <details
      className={styles.node}
      open={isOpen}
      onToggle={(event) => {
        if (event.currentTarget.open !== isOpen) onToggle(event.currentTarget.open);
      }}
    >
      <summary>
        <span className={styles.name}>{name}</span>
        <span className={styles.type}>{spec?.display_name ?? node.type}</span>
        {own.length > 0 && (
          <Badge tone={own.some(({ isWarning }) => !isWarning) ? 'bad' : 'warn'}>{countFaults(own)}</Badge>
        )}
      </summary>
      {isOpen && (
        <div className={styles.content}>
          {node.type === 'trigger' && <TriggerPanel editor={editor} />}
          <NodeForm node={node} spec={spec} faults={own} editor={editor} />
          {mayLeave(spec) && <Transitions {...props} node={node} />}
          <div>
            <Button
              kind="danger"
              aria-label={`Remove the node ${name}`}
              onClick={() => {
                editor.edit((content) => removeNode(content, node.id));
                toast(`Removed “${isolated(name)}” and its transitions. Undo brings it back.`);
              }}
            >
              Remove the node
            </Button>
          </div>
        </div>
      )}
    </details>
  );
}
