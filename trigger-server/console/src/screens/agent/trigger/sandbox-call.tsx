/** Calls with the agent through the sandbox: no phone rings and nothing is charged. Shows how the call goes on. */
import type { TelephonyConfigurationListItem } from '@dograh-trigger/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { api } from '../../../api/http';
import { freshIdempotencyKey } from '../../../api/fresh-key';
import { placeCall } from '../../../api/place-call';
import { runKeys } from '../../../api/live';
import { Button } from '../../../ui/button';
import { SelectField } from '../../../ui/field';
import { Notice } from '../../../ui/notice';
import type { Editor } from '../editor/use-editor';
import type { TriggerEnvironment } from '../model/snippets';
import { SandboxResult } from './sandbox-result';
import styles from './trigger.module.css';

/** The sandbox's numbers: the server's README lists what each of them does. */
const callees = [
  { value: '+14155550100', label: 'Somebody answers' },
  { value: '+15005550011', label: 'The line is busy' },
  { value: '+15005550012', label: 'Nobody answers' },
  { value: '+15005550015', label: 'A machine answers' },
  { value: '+15005550013', label: 'The call fails' },
  { value: '+15005550001', label: 'The carrier refuses the call' },
];

function useSandbox() {
  return useQuery({
    queryKey: ['telephony', 'configurations'],
    queryFn: () =>
      api<{ configurations: TelephonyConfigurationListItem[] }>('GET', '/organizations/telephony-configs'),
    select: ({ configurations }) =>
      configurations.find(({ provider, inactive }) => provider === 'sandbox' && inactive !== true) ?? null,
  });
}

export function SandboxCall(props: {
  /** The last part of the trigger URL. */
  path: string;
  environment: TriggerEnvironment;
  isEnabled: boolean;
  editor: Editor;
}) {
  const { path, environment, editor, isEnabled } = props;
  const sandbox = useSandbox();
  const queries = useQueryClient();
  const [callee, setCallee] = useState('+14155550100');
  const call = useMutation({
    mutationFn: async (telephonyConfigurationId: number) => {
      return placeCall({
        target: { triggerUuid: path },
        environment,
        phoneNumber: callee,
        initialContext: editor.content.testValues,
        telephonyConfigurationId,
        idempotencyKey: freshIdempotencyKey(),
      });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: runKeys.list }),
  });
  if (sandbox.isPending) return <p className={styles.waiting}>Looking for the sandbox …</p>;
  if (sandbox.isError) return <Notice error={sandbox.error} />;
  if (sandbox.data === null)
    return (
      <p>
        To try the agent without a phone, add a carrier account of the provider <em>sandbox</em> under{' '}
        <Link href="/telephony">Telephony</Link>.
      </p>
    );
  const { id } = sandbox.data;
  return (
    <>
      <SelectField
        label="In the sandbox"
        hint="The sandbox plays a phone: nobody is called and nothing is charged."
        options={callees}
        value={callee}
        onChange={({ target }) => setCallee(target.value)}
      />
      {editor.isDirty && environment === 'test' && (
        <Notice tone="info">The call is made with the saved draft, without your unsaved changes.</Notice>
      )}
      <div>
        <Button kind="primary" pending={call.isPending} disabled={!isEnabled} onClick={() => call.mutate(id)}>
          Call the sandbox
        </Button>
      </div>
      <div aria-live="polite" className={styles.result}>
        {call.isError && <Notice error={call.error} />}
        {call.data !== undefined && (
          <SandboxResult key={call.data.runId} agentId={editor.base.id} runId={call.data.runId} />
        )}
      </div>
    </>
  );
}
