/** The table of calls. Only the rows on the screen exist, and only their pages are read, however long the list is. */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { lazy, Suspense, useState, useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import { Button } from '../../ui/button';
import type { CallAction } from '../../ui/call-actions';
import { Empty } from '../../ui/empty';
import { Loading } from '../../ui/loading';
import { Notice } from '../../ui/notice';
import { useMedia } from '../../ui/use-media';
import styles from './call-list.module.css';
import { CallNews } from './call-news';
import type { ListQuery } from './filter';
import { FirstSteps } from './first-steps';
import { RowsOfPage } from './rows-of-page';
import type { StandingList } from './standing-list';
import { pageSize, useStandingList } from './use-call-list';

// Few readers of the list need it.
const CallActionDialog = lazy(() => import('../../ui/call-actions'));

const columns = [
  'State',
  'Called, reference',
  'Agent, source',
  'Requested, talked',
  'Waits for, how it ended',
  'Actions',
];

/** Browsers draw no page much higher than 30 million pixels. */
const mostRows = 200_000;

function subscribeToScroll(listener: () => void): () => void {
  window.addEventListener('scroll', listener, { passive: true });
  return () => window.removeEventListener('scroll', listener);
}

export function CallList({ query, isFiltered }: { query: ListQuery; isFiltered: boolean }) {
  const [top, setTop] = useState(0);
  // Who reads further down keeps the list that he is in.
  const isAtTop = useSyncExternalStore(subscribeToScroll, () => window.scrollY <= top);
  const { list, newer, error, showNewest } = useStandingList(query, isAtTop);
  if (list === null) return error === null ? <Loading what="the calls" /> : <Notice error={error} />;
  if (list.total === 0) {
    return isFiltered ? (
      <Empty title="No call matches this filter">
        <p>
          <Link href="/calls">Show all calls</Link>
        </p>
      </Empty>
    ) : (
      <FirstSteps />
    );
  }
  return (
    <div>
      {error !== null && <Notice error={error} />}
      {newer > 0 && (
        <div className={styles.newer}>
          <Button
            kind="primary"
            onClick={() => {
              showNewest();
              window.scrollTo({ top: 0 });
            }}
          >
            {newer === 1 ? 'Show 1 newer call' : `Show ${String(newer)} newer calls`}
          </Button>
        </div>
      )}
      <CallNews query={query} list={list} />
      <Rows query={query} list={list} onPlaced={setTop} />
    </div>
  );
}

const narrow = '(max-width: 62rem)';

/** In rem, as `call-list.module.css` has them. */
const rowHeights = { wide: 3.75, narrow: 9.5 };

function Rows(props: { query: ListQuery; list: StandingList; onPlaced: (top: number) => void }) {
  const layout = useMedia(narrow) ? 'narrow' : 'wide';
  // Another height of the rows is another table.
  return <VirtualRows key={layout} {...props} rowRem={rowHeights[layout]} />;
}

function VirtualRows({
  query,
  list,
  onPlaced,
  rowRem,
}: {
  query: ListQuery;
  list: StandingList;
  onPlaced: (top: number) => void;
  rowRem: number;
}) {
  const [top, setTop] = useState(0);
  const [asked, setAsked] = useState<{ runId: number; action: CallAction } | null>(null);
  const [rowHeight] = useState(
    () => rowRem * parseFloat(getComputedStyle(document.documentElement).fontSize),
  );
  const count = Math.min(list.total, mostRows);
  const virtualizer = useWindowVirtualizer({
    count,
    estimateSize: () => rowHeight,
    overscan: 10,
    scrollMargin: top,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? -1;
  const pages: number[] = [];
  for (let page = Math.floor(first / pageSize); page * pageSize <= last; page += 1) pages.push(page);
  return (
    <>
      <div role="table" aria-label="Calls" aria-rowcount={list.total + 1} className={styles.table}>
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.row}>
            {columns.map((name) => (
              <span key={name} role="columnheader">
                {name}
              </span>
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          ref={(element) => {
            if (element === null) return;
            const placed = Math.round(element.getBoundingClientRect().top + window.scrollY);
            setTop(placed);
            onPlaced(placed);
          }}
          style={{ blockSize: count * rowHeight }}
        >
          <div style={{ transform: `translateY(${String(first * rowHeight)}px)` }}>
            {pages.map((page) => (
              <RowsOfPage
                key={page}
                query={query}
                list={list}
                page={page}
                from={Math.max(first, page * pageSize)}
                to={Math.min(last, page * pageSize + pageSize - 1)}
                onAsk={(runId, action) => setAsked({ runId, action })}
              />
            ))}
          </div>
        </div>
      </div>
      {list.total > count && (
        <p>
          Older calls than these {count.toLocaleString('en')} are found with a filter, or in the CSV file.
        </p>
      )}
      {asked !== null && (
        <Suspense>
          <CallActionDialog {...asked} onClose={() => setAsked(null)} />
        </Suspense>
      )}
    </>
  );
}
