/** The kinds of credentials that a webhook node can send, and what each holds. */
import type { WebhookCredentialType } from '@dograh-trigger/shared';

export interface CredentialPart {
  name: string;
  label: string;
  secret: boolean;
  /** What the server uses when it is left empty. */
  preset?: string;
}

interface CredentialKind {
  label: string;
  parts: readonly CredentialPart[];
}

export const credentialKinds: Record<WebhookCredentialType, CredentialKind> = {
  bearer_token: { label: 'Bearer token', parts: [{ name: 'token', label: 'Token', secret: true }] },
  api_key: {
    label: 'API key in a header',
    parts: [
      { name: 'header_name', label: 'Header', secret: false, preset: 'X-API-Key' },
      { name: 'api_key', label: 'API key', secret: true },
    ],
  },
  basic_auth: {
    label: 'User name and password',
    parts: [
      { name: 'username', label: 'User name', secret: false },
      { name: 'password', label: 'Password', secret: true },
    ],
  },
  custom_header: {
    label: 'Another header',
    parts: [
      { name: 'header_name', label: 'Header', secret: false },
      { name: 'header_value', label: 'Value', secret: true },
    ],
  },
  none: { label: 'None', parts: [] },
};

export const credentialTypes = Object.keys(credentialKinds) as WebhookCredentialType[];

/** @returns what to send; null when nothing was typed, so that a saved credential keeps its secret. */
export function credentialData(
  type: WebhookCredentialType,
  input: Readonly<Record<string, string>>,
): Record<string, string> | null {
  const typed = credentialKinds[type].parts.flatMap(({ name }) => {
    const text = input[name] ?? '';
    return text === '' ? [] : [[name, text] as const];
  });
  return typed.length === 0 ? null : Object.fromEntries(typed);
}
