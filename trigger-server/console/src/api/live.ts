/** News of calls and deliveries as they happen: by server-sent events, and by asking anew where these do not come through. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { apiPath } from './http';

/** The first parts of query keys whose data changes when a run or a delivery changes. */
export const runKeys = { list: ['runs'], one: ['run'] } as const;
export const deliveryKeys = { list: ['deliveries'], one: ['delivery'] } as const;

const pollMilliseconds = 5000;
const reconnectMilliseconds = 10_000;

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

/** Keeps what is on the screen true while somebody is signed in. */
export function useLiveNews(signedIn: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!signedIn) return undefined;
    const { refresh, stop } = refreshSoon(queries);
    const refreshAll = () => {
      refresh([...runQueries, ...deliveryQueries]);
    };
    let stream: EventSource | undefined;
    let again: number | undefined;
    let polling: number | undefined;
    const startPolling = () => {
      polling ??= window.setInterval(refreshAll, pollMilliseconds);
    };
    const stopPolling = () => {
      window.clearInterval(polling);
      polling = undefined;
    };
    const disconnect = () => {
      window.clearTimeout(again);
      stream?.close();
      stopPolling();
    };
    const connect = () => {
      disconnect();
      const fresh = new EventSource(apiPath('/console/events'));
      stream = fresh;
      fresh.addEventListener('run', () => {
        refresh(runQueries);
      });
      fresh.addEventListener('delivery', () => {
        refresh(deliveryQueries);
      });
      fresh.addEventListener('open', stopPolling);
      fresh.addEventListener('error', () => {
        startPolling();
        // The browser connects again by itself after a lost connection, but not after a refusal.
        if (fresh.readyState === EventSource.CLOSED)
          again = window.setTimeout(connect, reconnectMilliseconds);
      });
    };
    // A browser allows a server six connections, so a tab that nobody looks at holds none.
    const follow = () => {
      if (document.hidden) {
        disconnect();
        return;
      }
      connect();
      refreshAll();
    };
    connect();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      disconnect();
      stop();
    };
  }, [queries, signedIn]);
}
