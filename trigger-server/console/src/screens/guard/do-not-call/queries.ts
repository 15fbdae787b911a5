/** What the do-not-call list reads. */
import type { DoNotCallPage } from '@dograh-trigger/shared';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../../../api/http';
import { doNotCallKey } from '../../../api/live';

const doNotCallPath = '/organizations/do-not-call';
export const csvPath = `${doNotCallPath}/csv`;

/** Keys and calls add numbers, too, and are no news of the stream of events. */
const refreshMilliseconds = 10_000;

/** @param number in E.164. */
export function entryPath(number: string): string {
  return `${doNotCallPath}/${encodeURIComponent(number)}`;
}

/** In the order of the numbers, page by page. @param search the first digits of the numbers; empty for all. */
export function useDoNotCall(search: string) {
  return useInfiniteQuery({
    queryKey: [...doNotCallKey, search],
    queryFn: ({ pageParam, signal }) =>
      api<DoNotCallPage>('GET', doNotCallPath, { query: { search, after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_after: after }) => after ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: refreshMilliseconds,
  });
}
