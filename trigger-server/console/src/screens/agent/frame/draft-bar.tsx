/** Says what is saved, what production runs, and leads from the one to the other. */
import { useState } from 'react';
import { Badge } from '../../../ui/badge';
import { Button } from '../../../ui/button';
import { Confirm } from '../../../ui/confirm';
import { Dialog, DialogActions } from '../../../ui/dialog';
import { contentOfVersion } from '../model/content';
import { differenceOf } from '../model/diff';
import type { NodeSpecs } from '../model/graph-rules';
import { useVersions } from '../editor/queries';
import { Changes } from '../versions/changes';
import type { Editor } from '../editor/use-editor';
import type { Saving } from '../editor/use-saving';
import styles from './draft-bar.module.css';

export function DraftBar(props: { editor: Editor; saving: Saving; specs: NodeSpecs }) {
  const { editor, saving, specs } = props;
  const { base, content, isDirty } = editor;
  const versions = useVersions(base.id);
  const [open, setOpen] = useState<'changes' | 'publish' | null>(null);
  const published = versions.data?.find(({ status }) => status === 'published');
  const isDraft = base.version_status === 'draft';
  const difference =
    published === undefined ? null : differenceOf(contentOfVersion(published), content, specs);
  const hasNews = isDraft || isDirty;
  return (
    <section className={styles.bar} aria-label="Draft">
      <div className={styles.state}>
        {isDirty ? (
          <Badge tone="warn">Not saved</Badge>
        ) : isDraft ? (
          <Badge tone="active">Draft saved</Badge>
        ) : (
          <Badge tone="good">In production</Badge>
        )}
        <span>
          {hasNews
            ? `Production still runs version ${published?.version_number ?? '…'}.`
            : `Production runs this version, number ${base.version_number ?? '…'}.`}
        </span>
      </div>
      <div className={styles.buttons}>
        <Button disabled={!editor.canUndo} onClick={editor.undo}>
          Undo
        </Button>
        <Button disabled={!editor.canRedo} onClick={editor.redo}>
          Redo
        </Button>
        <Button disabled={!hasNews || difference === null} onClick={() => setOpen('changes')}>
          What has changed
        </Button>
        <Button
          kind={isDirty ? 'primary' : 'secondary'}
          disabled={!isDirty}
          pending={saving.isPending}
          onClick={() => void saving.save().catch(() => undefined)}
        >
          Save
        </Button>
        <Button
          kind={hasNews && !isDirty ? 'primary' : 'secondary'}
          disabled={!hasNews}
          onClick={() => setOpen('publish')}
        >
          Publish
        </Button>
      </div>
      {open === 'changes' && difference !== null && (
        <Dialog title="From production to what is on the screen" wide onClose={() => setOpen(null)}>
          <Changes difference={difference} />
          <DialogActions>
            <Button onClick={() => setOpen(null)}>Close</Button>
          </DialogActions>
        </Dialog>
      )}
      {open === 'publish' && (
        <Confirm
          title="Publish the draft?"
          action={isDirty ? 'Save and publish' : 'Publish'}
          onConfirm={saving.publish}
          onClose={() => setOpen(null)}
        >
          <p>
            From now on every call by the production URL uses it. Calls that are under way keep the version
            that they began with.
          </p>
          {difference !== null && <Changes difference={difference} />}
        </Confirm>
      )}
    </section>
  );
}
