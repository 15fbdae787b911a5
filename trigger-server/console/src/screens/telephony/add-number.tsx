import type { PhoneNumber, TelephonyConfiguration } from '@dograh-trigger/shared';
import { useState } from 'react';
import { api, wrongFields } from '../../api/http';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { CheckboxField, Form, SelectField, TextField } from '../../ui/field';
import { FormFailure } from '../../ui/form-failure';
import { useToast } from '../../ui/toast';
import { accountPath, useCallerIds, useHolders } from '../../api/carriers';
import { useTelephonyChange } from './queries';

export function AddNumber(props: { account: TelephonyConfiguration; onClose: () => void }) {
  const { account, onClose } = props;
  const toast = useToast();
  const [address, setAddress] = useState('');
  const [country, setCountry] = useState('');
  const [label, setLabel] = useState('');
  const [isDefault, setIsDefault] = useState(false);
  const add = useTelephonyChange(() =>
    api<PhoneNumber>('POST', `${accountPath(account.id)}/phone-numbers`, {
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
        <OfferedNumbers account={account} chosen={address} onChoose={setAddress} />
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

/** The numbers that the carrier lists, where it lists any. */
function OfferedNumbers(props: {
  account: TelephonyConfiguration;
  chosen: string;
  onChoose: (address: string) => void;
}) {
  const { account, chosen, onChoose } = props;
  const holdsCalls = useHolders().includes(account.provider);
  const { data } = useCallerIds(holdsCalls ? account.id : null);
  const offered = (data ?? []).filter((number) => number.phone_number_id === null);
  if (offered.length === 0) return null;
  return (
    <SelectField
      label="Numbers there"
      options={[
        { value: '', label: 'Another number' },
        ...offered.map((number) => ({
          value: number.address,
          label: `${number.address} (${number.telephony_configuration_name})`,
        })),
      ]}
      value={offered.some(({ address }) => address === chosen) ? chosen : ''}
      onChange={({ target }) => onChoose(target.value)}
    />
  );
}
