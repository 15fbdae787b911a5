/** The request that placed the call. */
import type { Run } from '@dograh-trigger/shared';
import { curlOf, variablesOf } from '../../api/repeat-call';
import { CopyBlock } from '../../ui/copy';
import { JsonView } from '../../ui/json-view';
import { Notice } from '../../ui/notice';
import { Section } from '../../ui/page';

export function RequestOfCall({ run }: { run: Run }) {
  const curl = curlOf(run, window.location.origin);
  const ignored = run.ignored_fields ?? [];
  return (
    <Section title="Request">
      <h3>Variables that came with it</h3>
      <JsonView value={variablesOf(run)} what="the variables" />
      {run.metadata != null && (
        <>
          <h3>Metadata</h3>
          <JsonView value={run.metadata} what="the metadata" />
        </>
      )}
      {ignored.length > 0 && <Notice tone="warn">These fields had no effect: {ignored.join(', ')}</Notice>}
      {curl !== null && (
        <>
          <h3>The same call as a curl command</h3>
          <CopyBlock text={curl} what="the curl command" />
        </>
      )}
    </Section>
  );
}
