/** Reads the credential. n8n itself adds the API key to each request. */
import { cleanApiKey } from '@dograh-trigger/shared';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { RequestContext } from './transport';

export interface DograhCredential {
  baseUrl: string;
  ignoreSslIssues: boolean;
  /** Whether the API key may be sent over http:// to a public address. */
  allowInsecure: boolean;
  /** Empty when it is not set. */
  webhookSecret: string;
  /** The whole credential, with which n8n authenticates a request. */
  saved: ICredentialDataDecryptedObject;
}

/** The optional fields are missing in credentials that were saved before these fields existed. */
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
