import type { PhoneNumber } from '@dograh-trigger/shared';
import { useState } from 'react';
import { api, wrongFields } from '../../api/http';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { CheckboxField, Form, TextField } from '../../ui/field';
import { FormFailure } from '../../ui/form-failure';
import { useToast } from '../../ui/toast';
import { accountPath, useTelephonyChange } from './queries';

export function AddNumber({ accountId, onClose }: { accountId: number; onClose: () => void }) {
  const toast = useToast();
  const [address, setAddress] = useState('');
  const [country, setCountry] = useState('');
  const [label, setLabel] = useState('');
  const [isDefault, setIsDefault] = useState(false);
  const add = useTelephonyChange(() =>
    api<PhoneNumber>('POST', `${accountPath(accountId)}/phone-numbers`, {
      body: {
        address,
        country_code: country === '' ? null : country,
        label: label === '' ? null : label,
        is_default_caller_id: isDefault,
      },
    }),
  );
  const errors = wrongFields(add.error);
  function save(): void {
    add.mutate(undefined, {
      onSuccess: (number) => {
        const sync = number.provider_sync?.ok === false ? number.provider_sync.message : null;
        toast(sync ?? `Added: ${number.address}`);
        onClose();
      },
    });
  }
  return (
    <Dialog title="Add a number" onClose={onClose}>
      <Form onSubmit={save}>
        <TextField
          label="Number"
          type="tel"
          placeholder="+14155550123"
          hint="With + and the country’s calling code."
          value={address}
          error={errors.get('address')}
          onChange={(event) => {
            setAddress(event.target.value);
          }}
        />
        <TextField
          label="Country (optional)"
          placeholder="US"
          maxLength={2}
          hint="Two letters, only for a number that is written without its calling code."
          value={country}
          error={errors.get('country_code')}
          onChange={(event) => {
            setCountry(event.target.value);
          }}
        />
        <TextField
          label="Label (optional)"
          placeholder="Main line"
          value={label}
          error={errors.get('label')}
          onChange={(event) => {
            setLabel(event.target.value);
          }}
        />
        <CheckboxField
          label="Show this number by default"
          checked={isDefault}
          onChange={(event) => {
            setIsDefault(event.target.checked);
          }}
        />
        <FormFailure error={add.error} fields={['address', 'country_code', 'label']} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" pending={add.isPending}>
            Add the number
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
