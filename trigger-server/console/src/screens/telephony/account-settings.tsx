/** An account's name and its settings at the carrier. */
import type { ProviderMetadata, TelephonyConfiguration } from '@dograh-trigger/shared';
import { useState } from 'react';
import { api, wrongFields } from '../../api/http';
import { Button } from '../../ui/button';
import { Form, TextField } from '../../ui/field';
import { FormFailure } from '../../ui/form-failure';
import { Loaded } from '../../ui/loaded';
import { Notice } from '../../ui/notice';
import { Section } from '../../ui/page';
import { useToast } from '../../ui/toast';
import { ProviderFields } from './provider-fields';
import { accountPath, useProviders } from '../../api/carriers';
import { useTelephonyChange } from './queries';
import { formFields, settingErrors, settingsToSend, type SettingsInput } from './settings';

export function AccountSettings({ account }: { account: TelephonyConfiguration }) {
  const providers = useProviders();
  return (
    <Section title="Settings">
      <Loaded query={providers} what="the settings of this carrier">
        {(list) => {
          const carrier = list.find(({ provider }) => provider === account.provider);
          return carrier === undefined ? (
            <Notice tone="warn">
              This version of the server does not have the carrier {account.provider}, so its settings cannot
              be changed.
            </Notice>
          ) : (
            <SettingsForm account={account} carrier={carrier} />
          );
        }}
      </Loaded>
    </Section>
  );
}

function SettingsForm(props: { account: TelephonyConfiguration; carrier: ProviderMetadata }) {
  const { account, carrier } = props;
  const toast = useToast();
  const [name, setName] = useState<string | null>(null);
  const [input, setInput] = useState<SettingsInput>({});
  const stored = account.credentials;
  const save = useTelephonyChange(() => {
    const config = { ...settingsToSend(carrier.fields, input, stored), provider: carrier.provider };
    return api<TelephonyConfiguration>('PUT', accountPath(account.id), {
      body: { name: name ?? account.name, config },
    });
  });
  return (
    <Form
      onSubmit={() => {
        save.mutate(undefined, {
          onSuccess: () => {
            setName(null);
            setInput({});
            toast('Settings saved');
          },
        });
      }}
    >
      <p>Carrier: {carrier.display_name}. To change the carrier, add another account.</p>
      <TextField
        label="Name"
        value={name ?? account.name}
        error={wrongFields(save.error).get('name')}
        onChange={(event) => {
          setName(event.target.value);
        }}
      />
      <ProviderFields
        fields={carrier.fields}
        input={input}
        stored={stored}
        errors={fieldErrors(account, save.error)}
        onChange={setInput}
      />
      <FormFailure error={save.error} fields={formFields(carrier.fields)} />
      <div>
        <Button type="submit" kind="primary" pending={save.isPending}>
          Save the settings
        </Button>
      </div>
    </Form>
  );
}

/** What the server refused, else what the carrier refused when these settings were verified. */
function fieldErrors(account: TelephonyConfiguration, failure: unknown): ReadonlyMap<string, string> {
  const refused = settingErrors(wrongFields(failure));
  const verification = account.last_verification ?? null;
  if (refused.size > 0 || verification?.ok !== false || verification.field === null) return refused;
  return new Map([[verification.field, `The carrier says: ${verification.detail}`]]);
}
