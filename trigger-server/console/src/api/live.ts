/** Reads what is on the screen anew when calls and deliveries change. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { followServerNews, type News } from './server-news';

/** The first parts of query keys whose data changes when a run or a delivery changes. */
export const runKeys = { list: ['runs'], one: ['run'] } as const;
export const deliveryKeys = { list: ['deliveries'], one: ['delivery'] } as const;

/** The do-not-call list. Its changes are no news of their own. */
export const doNotCallKey = ['do-not-call'] as const;

/** A campaign has many news a second: what is on the screen is read once for all of them. */
const gatherMilliseconds = 250;

type Keys = readonly (readonly string[])[];

/** @returns a function that has these queries read anew soon, and one that forgets about it. */
function refreshSoon(queries: QueryClient) {
  const due = new Set<readonly string[]>();
  let timer: number | undefined;
  const read = () => {
    timer = undefined;
    for (const queryKey of due) void queries.invalidateQueries({ queryKey });
    due.clear();
  };
  return {
    refresh: (keys: Keys) => {
      for (const key of keys) due.add(key);
      timer ??= window.setTimeout(read, gatherMilliseconds);
    },
    stop: () => window.clearTimeout(timer),
  };
}

const runQueries = [runKeys.list, runKeys.one];
const deliveryQueries = [deliveryKeys.list, deliveryKeys.one];
const queriesOf: Record<News, Keys> = {
  run: runQueries,
  delivery: deliveryQueries,
  all: [...runQueries, ...deliveryQueries],
};

/** Keeps what is on the screen true while somebody is signed in. */
export function useLiveNews(signedIn: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!signedIn) return undefined;
    const { refresh, stop } = refreshSoon(queries);
    const unfollow = followServerNews((news) => {
      refresh(queriesOf[news]);
    });
    return () => {
      unfollow();
      stop();
    };
  }, [queries, signedIn]);
}
