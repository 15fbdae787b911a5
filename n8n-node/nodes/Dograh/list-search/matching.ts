import type { INodeListSearchItems, INodeListSearchResult } from 'n8n-workflow';

/** The choices whose name contains the user's text, in any case. The text is not a pattern. */
export function matching(filter: string, choices: readonly INodeListSearchItems[]): INodeListSearchResult {
  const text = filter.trim().toLowerCase();
  return { results: choices.filter(({ name }) => name.toLowerCase().includes(text)) };
}
