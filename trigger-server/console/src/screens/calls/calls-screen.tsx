/** All calls, newest first: counts, a chart and a table of what the filter in the address leaves. */
import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { apiPath } from '../../api/http';
import { Page } from '../../ui/page';
import { CallList } from './call-list';
import styles from './calls-screen.module.css';
import { isFiltered, queryOf, readFilter, writeFilter, type CallFilter } from './filter';
import { FilterBar } from './filter-bar';
import { Summary } from './summary';

export function CallsScreen() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const filter = useMemo(() => readFilter(search), [search]);
  const query = useMemo(() => queryOf(filter), [filter]);
  const choose = useCallback(
    (changed: CallFilter) => {
      const text = writeFilter(changed);
      navigate(text === '' ? '/calls' : `/calls?${text}`, { replace: true });
    },
    [navigate],
  );
  return (
    <Page
      title="Calls"
      actions={
        <a
          className={styles.download}
          href={apiPath('/organizations/usage/runs/report', { ...query })}
          download
        >
          Download as CSV
        </a>
      }
    >
      <FilterBar filter={filter} onChange={choose} />
      <Summary filter={filter} query={query} />
      <CallList key={writeFilter(filter)} query={query} isFiltered={isFiltered(filter)} />
    </Page>
  );
}
