/** What the nodes read of the credential. The API key is not kept: n8n adds it to each request. */
import { cleanApiKey } from '@dograh-trigger/shared';
import type { RequestContext } from './transport';

export interface DograhCredential {
  baseUrl: string;
  ignoreSslIssues: boolean;
  /** Whether the API key may go over http:// to a public address. */
  allowInsecure: boolean;
  /** Empty when none is set. */
  webhookSecret: string;
}

/** @throws TriggerError `invalid_key` when the API key has a character that no key has. */
export async function readCredential(context: RequestContext): Promise<DograhCredential> {
  // A credential that was saved before a field existed does not have it.
  const saved = await context.getCredentials<{
    baseUrl: string;
    apiKey?: string;
    ignoreSslIssues?: boolean;
    allowInsecure?: boolean;
    webhookSecret?: string;
  }>('dograhApi');
  cleanApiKey(saved.apiKey ?? '');
  return {
    baseUrl: saved.baseUrl,
    ignoreSslIssues: saved.ignoreSslIssues ?? false,
    allowInsecure: saved.allowInsecure ?? false,
    webhookSecret: (saved.webhookSecret ?? '').trim(),
  };
}
