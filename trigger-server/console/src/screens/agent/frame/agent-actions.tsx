/** What can be done with the agent as a whole: its name, and the file of Dograh's format. */
import { useState } from 'react';
import { agentFileName, agentFileText, readAgentFile } from '../../../api/agent-file';
import { Button } from '../../../ui/button';
import { Dialog, DialogActions } from '../../../ui/dialog';
import { Form, TextField } from '../../../ui/field';
import { FileButton } from '../../../ui/file-button';
import { Notice } from '../../../ui/notice';
import { saveFile } from '../../../ui/save-file';
import { useToast } from '../../../ui/toast';
import type { Editor } from '../editor/use-editor';
import type { Saving } from '../editor/use-saving';

export function AgentActions({ editor, saving }: { editor: Editor; saving: Saving }) {
  const { base, content } = editor;
  const toast = useToast();
  const [isRenaming, setRenaming] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function importFile(file: File): Promise<void> {
    setError(null);
    try {
      const { definition } = readAgentFile(await file.text());
      editor.edit((before) => ({ ...before, definition }));
      toast('The file is on the screen. Save it to make it the draft; Undo takes it back.');
    } catch (failure) {
      setError(failure);
    }
  }
  return (
    <>
      <Button onClick={() => setRenaming(true)}>Rename</Button>
      <Button
        onClick={() =>
          saveFile(agentFileName(base.name), agentFileText(base.name, content.definition), 'application/json')
        }
      >
        Export
      </Button>
      <FileButton label="Import" accept=".json,application/json" onFile={(file) => void importFile(file)} />
      {isRenaming && <RenameDialog name={base.name} saving={saving} onClose={() => setRenaming(false)} />}
      {error !== null && (
        <Dialog title="The file was not imported" onClose={() => setError(null)}>
          <Notice error={error} />
        </Dialog>
      )}
    </>
  );
}

function RenameDialog({ name, saving, onClose }: { name: string; saving: Saving; onClose: () => void }) {
  const [typed, setTyped] = useState(name);
  const [error, setError] = useState<unknown>(null);
  async function rename(): Promise<void> {
    setError(null);
    try {
      await saving.rename(typed);
      onClose();
    } catch (failure) {
      setError(failure);
    }
  }
  return (
    <Dialog title="Rename the agent" onClose={onClose}>
      <Form onSubmit={() => void rename()}>
        <TextField
          label="Name"
          hint="The new name holds at once, also in production."
          maxLength={255}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
        {error !== null && <Notice error={error} />}
        <DialogActions>
          <Button onClick={onClose}>Keep it as it is</Button>
          <Button type="submit" kind="primary" pending={saving.isPending}>
            Rename
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
