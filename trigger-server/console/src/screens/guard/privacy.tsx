/** Erases all calls to a number, when the person called asks for it. */
import type { EraseReply } from '@dograh-trigger/shared';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/http';
import { runKeys } from '../../api/live';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Form, TextField } from '../../ui/field';
import { isolated } from '../../ui/isolated';
import { Section } from '../../ui/page';
import { useToast } from '../../ui/toast';

export function Privacy() {
  const queries = useQueryClient();
  const toast = useToast();
  const [number, setNumber] = useState('');
  const [asked, setAsked] = useState(false);
  async function erase(): Promise<void> {
    const { erased } = await api<EraseReply>('POST', '/organizations/erase', {
      body: { phone_number: number },
    });
    setNumber('');
    toast(erased === 1 ? '1 call was erased' : `${erased} calls were erased`);
    for (const queryKey of [runKeys.list, runKeys.one]) await queries.invalidateQueries({ queryKey });
  }
  return (
    <Section title="Erase the calls to a number">
      <p>
        For a person who asks for it: the number, the contexts, the transcripts, the recordings and the bodies
        of events are removed from every call to it. When a call was, how long it took and how it ended stays.
        A number that is never to be called again belongs into the do-not-call list.
      </p>
      <Form onSubmit={() => setAsked(number.trim() !== '')}>
        <TextField
          label="Phone number"
          type="tel"
          placeholder="+14155550100"
          value={number}
          onChange={(event) => {
            setNumber(event.target.value);
          }}
        />
        <div>
          <Button type="submit" kind="danger">
            Erase its calls
          </Button>
        </div>
      </Form>
      {asked && (
        <Confirm
          title={`Erase all calls to ${isolated(number)}?`}
          action="Erase the calls"
          danger
          onConfirm={erase}
          onClose={() => setAsked(false)}
        >
          <p>Nobody can bring back what is erased.</p>
        </Confirm>
      )}
    </Section>
  );
}
