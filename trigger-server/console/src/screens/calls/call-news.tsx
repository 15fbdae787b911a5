/** Announces to screen readers that a call of the newest page was answered or has ended. */
import { useEffect, useRef } from 'react';
import type { ListQuery } from './filter';
import { newsOf, openCalls, type KnownStatuses } from './news';
import type { StandingList } from './standing-list';
import { usePage } from './use-call-list';

const none: KnownStatuses = new Map();

export function CallNews({ query, list }: { query: ListQuery; list: StandingList }) {
  const { data } = usePage(query, list, 1);
  const region = useRef<HTMLParagraphElement>(null);
  const known = useRef(none);
  useEffect(() => {
    if (data === undefined) return;
    const news = newsOf(known.current, data.runs);
    known.current = openCalls(data.runs);
    if (news !== null && region.current !== null) region.current.textContent = news;
  }, [data]);
  return <p ref={region} role="status" className="visually-hidden" />;
}
