/** News of calls and deliveries as they happen: by server-sent events, and by asking anew where these do not come through. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { apiPath } from './http';

/** The first parts of query keys whose data changes when a run or a delivery changes. */
export const runKeys = { list: ['runs'], one: ['run'] } as const;
export const deliveryKeys = { list: ['deliveries'], one: ['delivery'] } as const;

const pollMilliseconds = 5000;

function refresh(queries: QueryClient, keys: readonly (readonly string[])[]): void {
  for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
}

const runQueries = [runKeys.list, runKeys.one];
const deliveryQueries = [deliveryKeys.list, deliveryKeys.one];

/** Keeps what is on the screen true while somebody is signed in. */
export function useLiveNews(signedIn: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!signedIn) return undefined;
    const stream = new EventSource(apiPath('/console/events'));
    let polling: number | undefined;
    const startPolling = () => {
      polling ??= window.setInterval(() => {
        refresh(queries, [...runQueries, ...deliveryQueries]);
      }, pollMilliseconds);
    };
    const stopPolling = () => {
      window.clearInterval(polling);
      polling = undefined;
    };
    stream.addEventListener('run', () => {
      refresh(queries, runQueries);
    });
    stream.addEventListener('delivery', () => {
      refresh(queries, deliveryQueries);
    });
    stream.addEventListener('open', stopPolling);
    // The browser connects again by itself, unless the server refused; until then the lists are asked for anew.
    stream.addEventListener('error', startPolling);
    return () => {
      stream.close();
      stopPolling();
    };
  }, [queries, signedIn]);
}
