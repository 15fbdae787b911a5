/** Makes a new agent of a file that Dograh or this console has written. */
import type { Agent } from '@dograh-trigger/shared';
import { useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { readAgentFile } from '../../api/agent-file';
import { api } from '../../api/http';
import { FileButton } from '../../ui/file-button';

export function ImportAgent({ onError }: { onError: (error: unknown) => void }) {
  const [, go] = useLocation();
  const queries = useQueryClient();
  async function create(file: File): Promise<void> {
    const { name, definition } = readAgentFile(await file.text());
    const agent = await api<Agent>('POST', '/workflow/create/definition', {
      body: { name: name ?? 'Imported agent', workflow_definition: definition },
    });
    void queries.invalidateQueries({ queryKey: ['agents'] });
    go(`/agents/${agent.id}`);
  }
  return (
    <FileButton
      label="Import a file"
      accept=".json,application/json"
      onFile={(file) => {
        onError(null);
        create(file).catch(onError);
      }}
    />
  );
}
