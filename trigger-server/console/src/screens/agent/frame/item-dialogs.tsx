/** The dialogs of the canvas: the form of a node and the form of a transition. */
import { Button } from '../../../ui/button';
import { Dialog, DialogActions } from '../../../ui/dialog';
import { useToast } from '../../../ui/toast';
import { EdgeForm } from '../forms/edge-form';
import { NodeForm } from '../forms/node-form';
import { nameOfEdge, nameOfNode, removeEdge, removeNode } from '../model/content';
import type { Faults } from '../model/faults';
import type { NodeSpecs } from '../model/graph-rules';
import { TriggerPanel } from '../trigger/trigger-panel';
import type { Editor } from '../editor/use-editor';
import { isolated } from '../../../ui/isolated';

interface ItemDialogProps {
  id: string;
  editor: Editor;
  specs: NodeSpecs;
  faults: Faults;
  onClose: () => void;
}

/** The trigger node's dialog begins with its two addresses. */
export function NodeDialog({ id, editor, specs, faults, onClose }: ItemDialogProps) {
  const toast = useToast();
  const node = editor.content.definition.nodes.find((candidate) => candidate.id === id);
  if (node === undefined) return null;
  const spec = specs.get(node.type);
  const name = nameOfNode(node, spec);
  return (
    <Dialog
      title={name === spec?.display_name ? name : `${spec?.display_name ?? node.type}: ${name}`}
      wide
      onClose={onClose}
    >
      {node.type === 'trigger' && <TriggerPanel editor={editor} />}
      <NodeForm node={node} spec={spec} faults={faults.byNode.get(id) ?? []} editor={editor} />
      <DialogActions>
        <Button
          kind="danger"
          onClick={() => {
            editor.edit((content) => removeNode(content, id));
            toast(`Removed “${isolated(name)}” and its transitions. Undo brings it back.`);
            onClose();
          }}
        >
          Remove the node
        </Button>
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}

export function EdgeDialog({ id, editor, specs, faults, onClose }: ItemDialogProps) {
  const toast = useToast();
  const edge = editor.content.definition.edges.find((candidate) => candidate.id === id);
  if (edge === undefined) return null;
  return (
    <Dialog title={`Transition: ${nameOfEdge(edge)}`} onClose={onClose}>
      <EdgeForm edge={edge} specs={specs} faults={faults.byEdge.get(id) ?? []} editor={editor} />
      <DialogActions>
        <Button
          kind="danger"
          onClick={() => {
            editor.edit((content) => removeEdge(content, id));
            toast('Removed the transition. Undo brings it back.');
            onClose();
          }}
        >
          Remove the transition
        </Button>
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}
