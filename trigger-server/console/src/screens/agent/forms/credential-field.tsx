/** Which stored credential a request sends along. */
import type { WebhookCredential } from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api } from '../../../api/http';
import { SelectField } from '../../../ui/field';
import { textOf } from '../model/node-form';
import type { FieldProps } from './field-props';

export function CredentialField({ property, value, error, onChange }: FieldProps) {
  const { data: credentials = [] } = useQuery({
    queryKey: ['credentials'],
    queryFn: () => api<WebhookCredential[]>('GET', '/credentials/'),
  });
  const current = textOf(value);
  const isListed = current === '' || credentials.some(({ uuid }) => uuid === current);
  return (
    <SelectField
      label={property.display_name}
      hint={
        <>
          {property.description} <Link href="/events">Credentials</Link> are stored with the events.
        </>
      }
      error={error}
      options={[
        { value: '', label: 'None' },
        ...(isListed ? [] : [{ value: current, label: `${current} (not in this organization)` }]),
        ...credentials.map(({ uuid, name }) => ({ value: uuid, label: name })),
      ]}
      value={current}
      onChange={({ target }) => onChange(target.value === '' ? null : target.value)}
    />
  );
}
