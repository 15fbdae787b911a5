/** A message beside what it is about: an error in the server's words, a warning, or a piece of news. */
import type { ReactNode } from 'react';
import { ApiError } from '../api/http';
import styles from './notice.module.css';

type Tone = 'info' | 'good' | 'warn' | 'bad';

const marks: Record<Tone, string> = { info: 'i', good: '✓', warn: '!', bad: '✕' };

/** @returns a sentence for whatever was thrown. */
export function describeFailure(error: unknown): string {
  if (error instanceof ApiError) {
    const { message, retryAfterSeconds } = error;
    return retryAfterSeconds === null ? message : `${message} Try again in ${retryAfterSeconds} s.`;
  }
  return error instanceof Error ? error.message : String(error);
}

export function Notice(props: { tone?: Tone; error?: unknown; children?: ReactNode }) {
  const tone = props.tone ?? (props.error === undefined ? 'info' : 'bad');
  return (
    <div
      className={`${styles.notice ?? ''} ${styles[tone] ?? ''}`}
      role={tone === 'bad' ? 'alert' : undefined}
    >
      <span aria-hidden="true" className={styles.mark}>
        {marks[tone]}
      </span>
      <div>
        {props.error === undefined ? null : describeFailure(props.error)}
        {props.children}
      </div>
    </div>
  );
}
