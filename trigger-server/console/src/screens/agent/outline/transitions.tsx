/** The transitions that leave a node. */
import type { AgentNode } from '@dograh-trigger/shared';
import { useId, useState } from 'react';
import { Badge } from '../../../ui/badge';
import { Button } from '../../../ui/button';
import { useToast } from '../../../ui/toast';
import type { Editor } from '../editor/use-editor';
import { EdgeForm } from '../forms/edge-form';
import { addEdge, nameOfEdge, nameOfNode, removeEdge } from '../model/content';
import { countFaults, type Faults } from '../model/faults';
import { possibleTargets, type NodeSpecs } from '../model/graph-rules';
import styles from './outline.module.css';

interface TransitionsProps {
  node: AgentNode;
  editor: Editor;
  specs: NodeSpecs;
  faults: Faults;
}

export function Transitions(props: TransitionsProps) {
  const { node, editor, specs, faults } = props;
  const { nodes, edges } = editor.content.definition;
  const toast = useToast();
  const nameOf = (id: string) => {
    const target = nodes.find((candidate) => candidate.id === id);
    return target === undefined ? id : nameOfNode(target, specs.get(target.type));
  };
  return (
    <section className={styles.transitions} aria-label={`Transitions of ${nameOfNode(node)}`}>
      <h2>Transitions: what comes next</h2>
      {edges
        .filter(({ source }) => source === node.id)
        .map((edge) => {
          const own = faults.byEdge.get(edge.id) ?? [];
          return (
            <details key={edge.id} className={styles.transition}>
              <summary>
                <span className={styles.name}>{nameOfEdge(edge)}</span>
                <span className={styles.type}>to {nameOf(edge.target)}</span>
                {own.length > 0 && (
                  <Badge tone={own.some(({ isWarning }) => !isWarning) ? 'bad' : 'warn'}>
                    {countFaults(own)}
                  </Badge>
                )}
              </summary>
              <div className={styles.content}>
                <EdgeForm edge={edge} specs={specs} faults={own} editor={editor} />
                <div>
                  <Button
                    kind="danger"
                    aria-label={`Remove the transition ${nameOfEdge(edge)}`}
                    onClick={() => {
                      editor.edit((content) => removeEdge(content, edge.id));
                      toast('Removed the transition. Undo brings it back.');
                    }}
                  >
                    Remove the transition
                  </Button>
                </div>
              </div>
            </details>
          );
        })}
      <AddTransition {...props} />
    </section>
  );
}

function AddTransition({ node, editor, specs }: TransitionsProps) {
  const id = useId();
  const targets = possibleTargets(editor.content.definition, specs).filter((target) => target.id !== node.id);
  const [chosen, choose] = useState('');
  const target = targets.find((candidate) => candidate.id === chosen) ?? targets[0];
  if (target === undefined)
    return <p className={styles.type}>There is no other step yet that a transition could lead to.</p>;
  return (
    <div className={styles.add}>
      <label htmlFor={id}>Next step</label>
      <select id={id} value={target.id} onChange={(event) => choose(event.target.value)}>
        {targets.map((candidate) => (
          <option key={candidate.id} value={candidate.id}>
            {nameOfNode(candidate, specs.get(candidate.type))}
          </option>
        ))}
      </select>
      <Button
        onClick={() =>
          editor.edit((content) => addEdge(content, { source: node.id, target: target.id }).content)
        }
      >
        Add a transition
      </Button>
    </div>
  );
}
