/** What the nodes read of the credential. n8n itself adds the API key to each request. */
import { cleanApiKey } from '@dograh-trigger/shared';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { RequestContext } from './transport';

export interface DograhCredential {
  baseUrl: string;
  ignoreSslIssues: boolean;
  /** Whether the API key may go over http:// to a public address. */
  allowInsecure: boolean;
  /** Empty when none is set. */
  webhookSecret: string;
  /** All of it, for n8n to sign a request with. */
  saved: ICredentialDataDecryptedObject;
}

/** A credential that was saved before a field existed does not have it. */
type SavedCredential = ICredentialDataDecryptedObject & {
  baseUrl: string;
  apiKey?: string;
  ignoreSslIssues?: boolean;
  allowInsecure?: boolean;
  webhookSecret?: string;
};

/**
 * @param itemIndex the item for which expressions in the credential are evaluated (default: the first one).
 * @throws TriggerError `invalid_key` when the API key has a character that no key has.
 */
export async function readCredential(context: RequestContext, itemIndex?: number): Promise<DograhCredential> {
  const saved = await context.getCredentials<SavedCredential>('dograhApi', itemIndex);
  cleanApiKey(saved.apiKey ?? '');
  return {
    baseUrl: saved.baseUrl,
    ignoreSslIssues: saved.ignoreSslIssues ?? false,
    allowInsecure: saved.allowInsecure ?? false,
    webhookSecret: (saved.webhookSecret ?? '').trim(),
    saved,
  };
}
