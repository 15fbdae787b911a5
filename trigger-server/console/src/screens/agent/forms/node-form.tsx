/** The form of one node. The canvas's dialog and the outline show the same one. */
import type { AgentNode, NodeSpec } from '@dograh-trigger/shared';
import type { Editor } from '../editor/use-editor';
import { FaultList } from './fault-list';
import { faultOfField, type Fault } from '../model/faults';
import { faultOfValue, shownProperties } from '../model/node-form';
import { PropertyField } from './property-field';
import styles from './forms.module.css';

export function NodeForm(props: {
  node: AgentNode;
  spec: NodeSpec | undefined;
  faults: readonly Fault[];
  editor: Editor;
}) {
  const { node, spec, faults, editor } = props;
  if (spec === undefined)
    return (
      <>
        <FaultList faults={faults} />
        <p>
          The console has no form for the type <code>{node.type}</code>. The node is kept as it is.
        </p>
      </>
    );
  const properties = shownProperties(spec.properties, node.data);
  const shown = new Set(properties.map(({ name }) => name));
  return (
    <div className={styles.form}>
      <p className={styles.about}>{spec.description}</p>
      <FaultList
        faults={faults.filter(({ field, isWarning }) => isWarning || field === null || !shown.has(field))}
      />
      {properties.map((property) => (
        <PropertyField
          key={property.name}
          property={property}
          value={node.data[property.name]}
          error={
            faultOfField(faults, property.name) ??
            faultOfValue(property, node.data[property.name]) ??
            undefined
          }
          textKey={`${node.id} ${property.name}`}
          editor={editor}
          onChange={(value) => editor.setNodeField(node.id, property.name, value)}
        />
      ))}
    </div>
  );
}
