/** Stands where something is being read. It takes room from the start, so that nothing moves when the content comes. */
import styles from './loading.module.css';

export function Loading({ what }: { what: string }) {
  return (
    <p className={styles.loading} role="status">
      Reading {what} …
    </p>
  );
}
