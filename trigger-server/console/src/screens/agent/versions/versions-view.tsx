/** Every version of the agent: when it was published, how it differs from what is on the screen, and a way back to it. */
import type { AgentVersion } from '@dograh-trigger/shared';
import { useState } from 'react';
import { Badge } from '../../../ui/badge';
import { Button } from '../../../ui/button';
import { Dialog, DialogActions } from '../../../ui/dialog';
import { Loading } from '../../../ui/loading';
import { Notice } from '../../../ui/notice';
import { Section } from '../../../ui/page';
import { Time } from '../../../ui/time';
import { useToast } from '../../../ui/toast';
import type { Editor } from '../editor/use-editor';
import { contentOfVersion } from '../model/content';
import { differenceOf } from '../model/diff';
import type { NodeSpecs } from '../model/graph-rules';
import { readVersion, useVersions } from '../editor/queries';
import { Changes } from './changes';
import styles from './versions.module.css';

const states = {
  draft: { tone: 'warn', word: 'draft' },
  published: { tone: 'good', word: 'in production' },
  archived: { tone: 'plain', word: 'earlier' },
} as const;

export function VersionsView({ editor, specs }: { editor: Editor; specs: NodeSpecs }) {
  const versions = useVersions(editor.base.id);
  const [compared, setCompared] = useState<AgentVersion | null>(null);
  const [error, setError] = useState<unknown>(null);
  const toast = useToast();
  if (versions.isPending) return <Loading what="the versions" />;
  if (versions.isError) return <Notice error={versions.error} />;
  /** Reads a version whose texts the list left out. */
  async function open(version: AgentVersion, offset: number): Promise<void> {
    setError(null);
    try {
      const isWhole = version.omitted_fields === undefined;
      setCompared(isWhole ? version : await readVersion(editor.base.id, offset));
    } catch (failure) {
      setError(failure);
    }
  }
  return (
    <Section title="Versions">
      {error !== null && <Notice error={error} />}
      <ul className={styles.versions}>
        {versions.data.map((version, offset) => (
          <li key={version.id}>
            <span className={styles.number}>Version {version.version_number}</span>
            <Badge tone={states[version.status].tone}>{states[version.status].word}</Badge>
            <span className={styles.soft}>
              {version.published_at != null ? (
                <>
                  published <Time at={version.published_at} />
                </>
              ) : version.created_at != null ? (
                <>
                  begun <Time at={version.created_at} />
                </>
              ) : null}
            </span>
            <Button
              aria-label={`Compare version ${version.version_number} with what is on the screen`}
              onClick={() => void open(version, offset)}
            >
              Compare
            </Button>
          </li>
        ))}
      </ul>
      {compared !== null && (
        <Dialog
          title={`From version ${compared.version_number} to what is on the screen`}
          wide
          onClose={() => setCompared(null)}
        >
          <Changes difference={differenceOf(contentOfVersion(compared), editor.content, specs)} />
          <DialogActions>
            <Button onClick={() => setCompared(null)}>Close</Button>
            <Button
              onClick={() => {
                editor.edit(() => contentOfVersion(compared));
                setCompared(null);
                toast(`Version ${compared.version_number} is on the screen. Save it to make it the draft.`);
              }}
            >
              Go back to version {compared.version_number}
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </Section>
  );
}
