/** The form of one transition: where it leads, its label and when the conversation goes this way. */
import type { AgentEdge } from '@dograh-trigger/shared';
import { SelectField, TextArea, TextField } from '../../../ui/field';
import type { Editor } from '../editor/use-editor';
import { nameOfNode, redirectEdge } from '../model/content';
import { faultOfField, type Fault } from '../model/faults';
import { possibleTargets, type NodeSpecs } from '../model/graph-rules';
import { textOf } from '../model/node-form';
import { FaultList } from './fault-list';
import styles from './forms.module.css';

const ownFields = new Set(['label', 'condition', 'transition_speech', 'target']);

export function EdgeForm(props: {
  edge: AgentEdge;
  specs: NodeSpecs;
  faults: readonly Fault[];
  editor: Editor;
}) {
  const { edge, specs, faults, editor } = props;
  const targets = possibleTargets(editor.content.definition, specs);
  const isKnown = targets.some(({ id }) => id === edge.target);
  const change = (field: string) => (event: { target: { value: string } }) =>
    editor.setEdgeField(edge.id, field, event.target.value);
  return (
    <div className={styles.form}>
      <FaultList
        faults={faults.filter(({ field, isWarning }) => isWarning || field === null || !ownFields.has(field))}
      />
      <SelectField
        label="Leads to"
        error={faultOfField(faults, 'target')}
        options={[
          ...(isKnown ? [] : [{ value: edge.target, label: `${edge.target} (no such step)` }]),
          ...targets.map((node) => ({ value: node.id, label: nameOfNode(node, specs.get(node.type)) })),
        ]}
        value={edge.target}
        onChange={({ target }) => editor.edit((content) => redirectEdge(content, edge.id, target.value))}
      />
      <TextField
        label="Label"
        hint="Its name on the canvas and in logs. A node’s transitions have different labels."
        required
        error={faultOfField(faults, 'label')}
        value={textOf(edge.data?.['label'])}
        onChange={change('label')}
      />
      <TextArea
        label="Condition"
        hint="When the conversation goes this way, in plain words."
        required
        error={faultOfField(faults, 'condition')}
        value={textOf(edge.data?.['condition'])}
        onChange={change('condition')}
      />
      <TextArea
        label="Said on the way"
        hint="What the agent says before the next step. May stay empty."
        rows={2}
        value={textOf(edge.data?.['transition_speech'])}
        onChange={({ target }) =>
          editor.setEdgeField(edge.id, 'transition_speech', target.value === '' ? undefined : target.value)
        }
      />
    </div>
  );
}
