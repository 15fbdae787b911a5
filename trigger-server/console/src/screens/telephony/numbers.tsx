/** The numbers of an account: those that a called phone can show. */
import type { PhoneNumber, TelephonyConfiguration } from '@dograh-trigger/shared';
import { useState } from 'react';
import { api } from '../../api/http';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Empty } from '../../ui/empty';
import { Loaded } from '../../ui/loaded';
import { Notice } from '../../ui/notice';
import { Section } from '../../ui/page';
import { RowActions, Table } from '../../ui/table';
import { useToast } from '../../ui/toast';
import { AddNumber } from './add-number';
import { numberPath, useNumbers, useTelephonyChange } from './queries';

export function Numbers({ account }: { account: TelephonyConfiguration }) {
  const numbers = useNumbers(account.id);
  const [adding, setAdding] = useState(false);
  const add = (
    <Button
      onClick={() => {
        setAdding(true);
      }}
    >
      Add a number
    </Button>
  );
  return (
    <Section title="Phone numbers" actions={numbers.data?.length === 0 ? undefined : add}>
      <Loaded query={numbers} what="the numbers">
        {(list) =>
          list.length === 0 ? (
            <Empty title="No number yet">
              <p>Add a number that you have at this carrier. A called phone shows it.</p>
              {add}
            </Empty>
          ) : (
            <NumberTable list={list} />
          )
        }
      </Loaded>
      {adding && (
        <AddNumber
          account={account}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </Section>
  );
}

function NumberTable({ list }: { list: readonly PhoneNumber[] }) {
  const toast = useToast();
  const [deleting, setDeleting] = useState<PhoneNumber | null>(null);
  const makeDefault = useTelephonyChange((number: PhoneNumber) =>
    api('POST', `${numberPath(number)}/set-default-caller`, { body: {} }),
  );
  const setActive = useTelephonyChange((number: PhoneNumber) =>
    api('PUT', numberPath(number), { body: { is_active: !number.is_active } }),
  );
  const remove = useTelephonyChange((number: PhoneNumber) => api('DELETE', numberPath(number)));
  const failure = makeDefault.error ?? setActive.error;
  return (
    <>
      {failure !== null && <Notice error={failure} />}
      <Table
        label="Phone numbers"
        columns={['Number', 'Label', 'State', 'Actions']}
        rows={list.map((number) => ({
          key: number.id,
          cells: [
            number.address,
            number.label ?? '',
            <NumberState number={number} />,
            <RowActions>
              {number.is_active && !number.is_default_caller_id && (
                <Button
                  kind="quiet"
                  aria-label={`Show by default: ${number.address}`}
                  onClick={() => {
                    makeDefault.mutate(number, {
                      onSuccess: () => {
                        toast(`Calls show ${number.address} by default`);
                      },
                    });
                  }}
                >
                  Show by default
                </Button>
              )}
              <Button
                kind="quiet"
                aria-label={`${number.is_active ? 'Pause' : 'Use'} ${number.address}`}
                onClick={() => {
                  setActive.mutate(number, {
                    onSuccess: () => {
                      toast(`${number.address} is ${number.is_active ? 'paused' : 'in use'}`);
                    },
                  });
                }}
              >
                {number.is_active ? 'Pause' : 'Use'}
              </Button>
              <Button
                kind="quiet"
                aria-label={`Delete ${number.address}`}
                onClick={() => {
                  setDeleting(number);
                }}
              >
                Delete
              </Button>
            </RowActions>,
          ],
        }))}
      />
      {deleting !== null && (
        <Confirm
          title={`Delete ${deleting.address}?`}
          action="Delete the number"
          danger
          onClose={() => {
            setDeleting(null);
          }}
          onConfirm={async () => {
            await remove.mutateAsync(deleting);
            toast(`Deleted: ${deleting.address}`);
          }}
        >
          Calls no longer show it. At the carrier the number stays yours.
        </Confirm>
      )}
    </>
  );
}

function NumberState({ number }: { number: PhoneNumber }) {
  if (!number.is_active) return <Badge tone="plain">Paused</Badge>;
  return number.is_default_caller_id ? (
    <Badge tone="good">Shown by default</Badge>
  ) : (
    <Badge tone="plain">In use</Badge>
  );
}
