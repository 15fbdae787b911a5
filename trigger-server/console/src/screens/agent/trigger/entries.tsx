/** What to enter in another product, field by field, each with a copy button. */
import { CopyLine } from '../../../ui/copy';
import type { Entry } from '../model/snippets';
import styles from './trigger.module.css';

export function Entries({ title, entries }: { title: string; entries: readonly Entry[] }) {
  return (
    <details className={styles.entries}>
      <summary>{title}</summary>
      <dl className={styles.list}>
        {entries.map(({ field, value }) => (
          <div key={field}>
            <dt>{field}</dt>
            <dd>
              <CopyLine text={value} what={field} />
            </dd>
          </div>
        ))}
      </dl>
      <p>The API key goes into the connection, where it is kept secret. It is not part of the address.</p>
    </details>
  );
}
