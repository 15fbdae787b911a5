/** What a query has read, or why it could not be read. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loading } from './loading';
import { Notice } from './notice';

/**
 * Data that was read before stays on the screen when reading it anew fails.
 * @param props.what names it while it is being read: "the numbers".
 */
export function Loaded<Data>(props: {
  query: UseQueryResult<Data>;
  what: string;
  children: (data: Data) => ReactNode;
}) {
  const { data, error } = props.query;
  return (
    <>
      {error !== null && <Notice error={error} />}
      {data !== undefined && props.children(data)}
      {data === undefined && error === null && <Loading what={props.what} />}
    </>
  );
}
