/** Adds a node of a type to the agent. */
import { useId, useState } from 'react';
import { Button } from '../../../ui/button';
import { useToast } from '../../../ui/toast';
import type { Editor } from '../editor/use-editor';
import { addNode, newNode } from '../model/content';
import { refusalOfNode, type NodeSpecs } from '../model/graph-rules';
import { freePosition } from '../model/layout';
import styles from './forms.module.css';

export function AddNode(props: { editor: Editor; specs: NodeSpecs; onAdded: (id: string) => void }) {
  const { editor, specs, onAdded } = props;
  const { definition } = editor.content;
  const id = useId();
  const toast = useToast();
  const types = [...specs.values()].map((spec) => ({ spec, refusal: refusalOfNode(definition, spec) }));
  const [chosen, choose] = useState('agentNode');
  const possible = types.filter(({ refusal }) => refusal === null);
  const { spec } = possible.find(({ spec: { name } }) => name === chosen) ?? possible[0] ?? {};
  return (
    <div className={styles.add}>
      <label htmlFor={id} className="visually-hidden">
        Type of a new node
      </label>
      <select id={id} value={spec?.name ?? ''} onChange={({ target }) => choose(target.value)}>
        {types.map(({ spec: type, refusal }) => (
          <option key={type.name} value={type.name} disabled={refusal !== null}>
            {refusal === null ? type.display_name : `${type.display_name}: there already`}
          </option>
        ))}
      </select>
      <Button
        disabled={spec === undefined}
        onClick={() => {
          if (spec === undefined) return;
          const node = newNode(spec, definition, freePosition(definition));
          editor.edit((content) => addNode(content, node));
          toast(`Added a node: ${spec.display_name}.`);
          onAdded(node.id);
        }}
      >
        Add the node
      </Button>
    </div>
  );
}
