/** Another browser has saved the agent meanwhile: shows the difference, and lets the user decide. Nothing is lost. */
import { Button } from '../../../ui/button';
import { Dialog, DialogActions } from '../../../ui/dialog';
import { contentOfAgent } from '../model/content';
import { differenceOf } from '../model/diff';
import type { NodeSpecs } from '../model/graph-rules';
import { Changes } from '../versions/changes';
import type { Editor } from '../editor/use-editor';
import type { Saving } from '../editor/use-saving';

export function ConflictDialog(props: { editor: Editor; saving: Saving; specs: NodeSpecs }) {
  const { editor, saving, specs } = props;
  if (saving.conflict === null) return null;
  return (
    <Dialog title="Somebody else has saved this agent meanwhile" wide onClose={saving.keepEditing}>
      <p>
        Nothing was saved or published, and nothing of yours is lost. This is how your screen differs from
        what they saved:
      </p>
      <Changes difference={differenceOf(contentOfAgent(saving.conflict), editor.content, specs)} />
      <DialogActions>
        <Button onClick={saving.keepEditing}>Decide later</Button>
        <Button onClick={saving.takeTheirs}>Show theirs (Undo brings mine back)</Button>
        <Button kind="danger" onClick={saving.keepMine}>
          Keep mine: the next save replaces theirs
        </Button>
      </DialogActions>
    </Dialog>
  );
}
