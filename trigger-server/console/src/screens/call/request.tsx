/** The request that placed the call. */
import type { Run } from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import { CopyBlock } from '../../ui/copy';
import { JsonView } from '../../ui/json-view';
import { Notice } from '../../ui/notice';
import { Section } from '../../ui/page';

export function RequestOfCall({ run }: { run: Run }) {
  const request = useQuery({
    queryKey: ['request-of-call', run.id, run.is_completed],
    queryFn: async () => {
      const { curlOf, variablesOf } = await import('../../api/repeat-call');
      return { curl: curlOf(run, window.location.origin), variables: variablesOf(run) };
    },
  });
  const ignored = run.ignored_fields ?? [];
  return (
    <Section title="Request">
      {request.isError && <Notice error={request.error} />}
      <h3>Variables that came with it</h3>
      <JsonView value={request.data?.variables ?? {}} what="the variables" />
      {ignored.length > 0 && <Notice tone="warn">These fields had no effect: {ignored.join(', ')}</Notice>}
      {request.data?.curl != null && (
        <>
          <h3>The same call as a curl command</h3>
          <CopyBlock text={request.data.curl} what="the curl command" />
        </>
      )}
    </Section>
  );
}
