import type { Agent } from '@dograh-trigger/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../api/http';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { Form, TextField } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { blankAgent } from './blank-agent';

export function CreateAgent({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [, go] = useLocation();
  const queries = useQueryClient();
  const creation = useMutation({
    mutationFn: () =>
      api<Agent>('POST', '/workflow/create/definition', {
        body: { name, workflow_definition: blankAgent(name) },
      }),
    onSuccess: ({ id }) => {
      void queries.invalidateQueries({ queryKey: ['agents'] });
      go(`/agents/${id}?view=greeting`);
    },
  });
  return (
    <Dialog title="New agent" onClose={onClose}>
      <Form onSubmit={() => creation.mutate()}>
        <TextField
          label="Name"
          hint="It begins with a greeting and a trigger, so that it can be called at once."
          maxLength={255}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        {creation.isError && <Notice error={creation.error} />}
        <DialogActions>
          <Button onClick={onClose}>Not now</Button>
          <Button type="submit" kind="primary" pending={creation.isPending}>
            Create the agent
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
