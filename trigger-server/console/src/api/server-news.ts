/** What the server reports as it happens. All tabs of a browser share one stream, because a browser opens only six connections to a server. */
import { apiPath } from './http';

/** What has changed: a run, a delivery, or possibly anything. */
const kinds = ['run', 'delivery', 'all'] as const;
export type News = (typeof kinds)[number];

type Listener = (news: News) => void;

/** The lock of the tab that holds the stream, and the channel on which it passes on what comes. */
const sharedName = 'server-news';

const pollMilliseconds = 5000;
const reconnectMilliseconds = 10_000;

/**
 * Follows the news while the tab is visible.
 * @returns a function that ends it.
 */
export function followServerNews(listener: Listener): () => void {
  // A browser has no locks on a page that came over plain http from another machine. Such tabs cannot agree on a stream.
  const start = 'locks' in navigator ? shareStream : poll;
  let stop: (() => void) | undefined;
  const follow = () => {
    stop?.();
    stop = document.hidden ? undefined : start(listener);
  };
  const catchUp = () => {
    follow();
    if (!document.hidden) listener('all');
  };
  follow();
  document.addEventListener('visibilitychange', catchUp);
  return () => {
    document.removeEventListener('visibilitychange', catchUp);
    stop?.();
  };
}

/** Hears what the tab with the stream passes on, and takes its place when that tab is hidden or closed. */
function shareStream(listener: Listener): () => void {
  const channel = new BroadcastChannel(sharedName);
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const news = kinds.find((kind) => kind === data);
    if (news !== undefined) listener(news);
  });
  const announce = (news: News) => {
    listener(news);
    channel.postMessage(news);
  };
  const ending = new AbortController();
  const { signal } = ending;
  const holdStream = () =>
    new Promise<void>((resolve) => {
      const close = openStream(announce);
      const end = () => {
        close();
        resolve();
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end);
    });
  navigator.locks.request(sharedName, { signal }, holdStream).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return () => {
    ending.abort();
    channel.close();
  };
}

/** While the stream is broken, it polls. */
function openStream(listener: Listener): () => void {
  let stream: EventSource | undefined;
  let again: number | undefined;
  let stopPolling: (() => void) | undefined;
  const close = () => {
    window.clearTimeout(again);
    stream?.close();
    stopPolling?.();
    stopPolling = undefined;
  };
  const connect = () => {
    close();
    const fresh = new EventSource(apiPath('/console/events'));
    stream = fresh;
    fresh.addEventListener('run', () => {
      listener('run');
    });
    fresh.addEventListener('delivery', () => {
      listener('delivery');
    });
    fresh.addEventListener('open', () => {
      stopPolling?.();
      stopPolling = undefined;
      // Nobody has heard what changed before.
      listener('all');
    });
    fresh.addEventListener('error', () => {
      stopPolling ??= poll(listener);
      // The browser connects again by itself after a lost connection, but not after a refusal.
      if (fresh.readyState === EventSource.CLOSED) again = window.setTimeout(connect, reconnectMilliseconds);
    });
  };
  connect();
  return close;
}

function poll(listener: Listener): () => void {
  const timer = window.setInterval(() => {
    listener('all');
  }, pollMilliseconds);
  return () => {
    window.clearInterval(timer);
  };
}
