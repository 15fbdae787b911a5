/** What the parts of a request are called in the forms of n8n and Zapier. */
import { triggerRequest } from '../contracts';

/** @param field its name on the wire. @returns undefined for a field without a label. */
export function labelOf(field: string): string | undefined {
  if (field === 'X-API-Key') return 'API Key';
  return Object.entries(triggerRequest.shape)
    .find(([name]) => name === field)?.[1]
    .meta()?.title;
}
