/** The form for a new carrier account. */
import type { ProviderMetadata } from '@dograh-trigger/shared';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { wrongFields } from '../../api/http';
import { Button } from '../../ui/button';
import { CheckboxField, Form, SelectField, TextField } from '../../ui/field';
import { FormFailure } from '../../ui/form-failure';
import { LinkButton } from '../../ui/link-button';
import { Loaded } from '../../ui/loaded';
import { Page, Section } from '../../ui/page';
import { useToast } from '../../ui/toast';
import { ProviderFields } from './provider-fields';
import { useAccounts, useProviders } from '../../api/carriers';
import { createAccount, useTelephonyChange } from './queries';
import { formFields, settingErrors, settingsToSend, type SettingsInput } from './settings';

export function NewAccount() {
  const providers = useProviders();
  return (
    <Page title="New carrier account" above={<Link href="/telephony">Telephony</Link>}>
      <Loaded query={providers} what="the carriers">
        {(list) => (
          <Section title="Account">
            <NewAccountForm providers={list} />
          </Section>
        )}
      </Loaded>
    </Page>
  );
}

function NewAccountForm({ providers }: { providers: readonly ProviderMetadata[] }) {
  const toast = useToast();
  const [, navigate] = useLocation();
  const { data: accounts } = useAccounts();
  const [chosen, setChosen] = useState('');
  const [name, setName] = useState<string | null>(null);
  const [isDefault, setIsDefault] = useState<boolean | null>(null);
  const [input, setInput] = useState<SettingsInput>({});
  const create = useTelephonyChange(createAccount);
  const carrier = providers.find(({ provider }) => provider === chosen) ?? null;
  // The first account is the default, unless its maker says otherwise.
  const asDefault = isDefault ?? accounts?.length === 0;
  const shownName = name ?? carrier?.display_name ?? '';
  function save(): void {
    if (carrier === null) return;
    const config = { ...settingsToSend(carrier.fields, input, {}), provider: carrier.provider };
    create.mutate(
      { name: shownName, is_default_outbound: asDefault, config },
      {
        onSuccess: (account) => {
          toast(`Added: ${account.name}`);
          navigate(`/telephony/${account.id}`);
        },
      },
    );
  }
  return (
    <Form onSubmit={save}>
      <SelectField
        label="Carrier"
        value={chosen}
        options={[
          { value: '', label: 'Choose a carrier' },
          ...providers.map((one) => ({ value: one.provider, label: one.display_name })),
        ]}
        onChange={(event) => {
          setChosen(event.target.value);
          setInput({});
          create.reset();
        }}
      />
      {carrier !== null && (
        <>
          {carrier.docs_url !== null && (
            <p>
              <a href={carrier.docs_url} target="_blank" rel="noreferrer">
                {carrier.display_name}’s documentation
              </a>
            </p>
          )}
          <TextField
            label="Name"
            hint="How you tell this account from others."
            value={shownName}
            error={wrongFields(create.error).get('name')}
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
          <ProviderFields
            fields={carrier.fields}
            input={input}
            stored={{}}
            errors={settingErrors(wrongFields(create.error))}
            onChange={setInput}
          />
          <CheckboxField
            label="Default account"
            hint="Calls that name no account go through it."
            checked={asDefault}
            onChange={(event) => {
              setIsDefault(event.target.checked);
            }}
          />
          <FormFailure error={create.error} fields={formFields(carrier.fields)} />
          <div>
            <Button type="submit" kind="primary" pending={create.isPending}>
              Add the account
            </Button>{' '}
            <LinkButton href="/telephony">Cancel</LinkButton>
          </div>
        </>
      )}
    </Form>
  );
}
