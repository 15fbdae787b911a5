import type { INodeListSearchItems, INodeListSearchResult } from 'n8n-workflow';

/** The choices whose name has what the user typed in it, whatever the case. No character of it is a pattern. */
export function matching(filter: string, choices: readonly INodeListSearchItems[]): INodeListSearchResult {
  const wanted = filter.trim().toLowerCase();
  return { results: choices.filter(({ name }) => name.toLowerCase().includes(wanted)) };
}
