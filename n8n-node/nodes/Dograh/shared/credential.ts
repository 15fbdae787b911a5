/** What the nodes read of the credential. The API key is not among it: n8n adds it to each request. */
import type { RequestContext } from './transport';

export interface DograhCredential {
  baseUrl: string;
  ignoreSslIssues: boolean;
  /** Empty when none is set. */
  webhookSecret: string;
}

export async function readCredential(context: RequestContext): Promise<DograhCredential> {
  // A credential that was saved before a field existed does not have it.
  const saved = await context.getCredentials<{
    baseUrl: string;
    ignoreSslIssues?: boolean;
    webhookSecret?: string;
  }>('dograhApi');
  return {
    baseUrl: saved.baseUrl,
    ignoreSslIssues: saved.ignoreSslIssues ?? false,
    webhookSecret: (saved.webhookSecret ?? '').trim(),
  };
}
