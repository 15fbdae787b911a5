/** The list of calls as the API has it: pages of a list that stands still, and news of calls that came after it. */
import type { UsagePage } from '@dograh-trigger/shared';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/http';
import { runKeys } from '../../api/live';
import type { ListQuery } from './filter';

export const pageSize = 50;

/** A list that stands still: calls placed later are not in it, so its pages do not shift. */
export interface StandingList {
  cursor: string | undefined;
  total: number;
  newestId: number | null;
}

function standingList(page: UsagePage): StandingList {
  return { cursor: page.cursor, total: page.total_count, newestId: page.runs[0]?.id ?? null };
}

function readPage(query: ListQuery, page: number, limit: number, cursor?: string): Promise<UsagePage> {
  return api<UsagePage>('GET', '/organizations/usage/runs', { query: { ...query, page, limit, cursor } });
}

/**
 * The newest list, or the one that the reader is in.
 * @param follows whether a newer list replaces it at once. Otherwise `newer` says how many calls it would add.
 */
export function useStandingList(query: ListQuery, follows: boolean) {
  const head = useQuery({
    queryKey: [...runKeys.list, 'head', query],
    queryFn: () => readPage(query, 1, 1),
  });
  const [list, setList] = useState<StandingList | null>(null);
  const newest = head.data === undefined ? null : standingList(head.data);
  // Every reply has another cursor, even when no call has come.
  const hasChanged = newest?.total !== list?.total || newest?.newestId !== list?.newestId;
  if (newest !== null && hasChanged && (list === null || follows)) setList(newest);
  const newer = newest === null || list === null ? 0 : Math.max(0, newest.total - list.total);
  return { list, newer, error: head.error, showNewest: () => setList(newest) };
}

/** One page of a list. While another list's page is read, the calls of the one before stay on the screen. */
export function usePage(query: ListQuery, { cursor }: StandingList, page: number) {
  return useQuery({
    queryKey: [...runKeys.list, 'page', query, cursor, page],
    queryFn: () => readPage(query, page, pageSize, cursor),
    placeholderData: keepPreviousData,
  });
}
