/** A button that makes an agent here for each agent of the carrier, for a carrier whose agents hold the calls. */
import type { ImportedAgents, TelephonyConfiguration } from '@dograh-trigger/shared';
import { Link } from 'wouter';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../../api/http';
import { Button } from '../../../ui/button';
import { Notice } from '../../../ui/notice';
import { Section } from '../../../ui/page';
import { importWords } from './words';
import { accountPath, useProviders } from '../../../api/carriers';

export function ImportAgents({ account }: { account: TelephonyConfiguration }) {
  const queries = useQueryClient();
  const { data: providers } = useProviders();
  const load = useMutation({
    mutationFn: (after: number) =>
      api<ImportedAgents>('POST', `${accountPath(account.id)}/import-agents?after=${after}`, { body: {} }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['agents'] }),
  });
  const carrier = providers?.find(({ provider }) => provider === account.provider);
  if (carrier?.answers?.includes('dograh') !== true) return null;
  return (
    <Section title="Agents">
      <p>
        The agents of {carrier.display_name} hold the calls. Import them, and each gets an agent here: n8n,
        Zapier and this console then offer it. Agents that are here already stay as they are.
      </p>
      {load.error !== null && <Notice error={load.error} />}
      {load.data !== undefined && (
        <div role="status">
          <Notice tone={load.data.refused.length === 0 ? 'good' : 'warn'}>
            {importWords(load.data).map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
            <p>
              <Link href="/agents">Agents</Link>
            </p>
          </Notice>
        </div>
      )}
      <div>
        <Button
          pending={load.isPending}
          onClick={() => {
            load.mutate(load.data?.next_after ?? 0);
          }}
        >
          {load.data?.next_after == null ? 'Import agents' : 'Import the next agents'}
        </Button>
      </div>
    </Section>
  );
}
