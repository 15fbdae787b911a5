/** Reads the list of calls: its pages, and whether there is a newer list. */
import type { UsagePage } from '@dograh-trigger/shared';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/http';
import { runKeys } from '../../api/live';
import type { ListQuery } from './filter';
import { listToShow, newerCalls, standingList, type StandingList } from './standing-list';

export const pageSize = 50;

type PageQuery = ListQuery & { page: number; limit: number; cursor?: string | undefined };

function readPage(query: PageQuery, signal: AbortSignal): Promise<UsagePage> {
  return api<UsagePage>('GET', '/organizations/usage/runs', { query: { ...query }, signal });
}

/** @param follows whether a newer list replaces the one on the screen. Otherwise `newer` says how many calls it would add. */
export function useStandingList(query: ListQuery, follows: boolean) {
  const head = useQuery({
    queryKey: [...runKeys.list, 'head', query],
    queryFn: ({ signal }) => readPage({ ...query, page: 1, limit: 1 }, signal),
  });
  const [list, setList] = useState<StandingList | null>(null);
  const newest = head.data === undefined ? null : standingList(head.data);
  const next = newest === null ? list : listToShow(list, newest, follows);
  if (next !== list) setList(next);
  return { list, newer: newerCalls(list, newest), error: head.error, showNewest: () => setList(newest) };
}

/** One page of a list. While another list's page is read, the calls of the one before stay on the screen. */
export function usePage(query: ListQuery, { cursor }: StandingList, page: number) {
  return useQuery({
    queryKey: [...runKeys.list, 'page', query, cursor, page],
    // A page that was scrolled past is not waited for.
    queryFn: ({ signal }) => readPage({ ...query, page, limit: pageSize, cursor }, signal),
    placeholderData: keepPreviousData,
  });
}
