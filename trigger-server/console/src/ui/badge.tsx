/** A state in a word, with a mark: colour alone never says it. */
import styles from './badge.module.css';

export type BadgeTone = 'plain' | 'active' | 'good' | 'warn' | 'bad';

const marks: Record<BadgeTone, string> = { plain: '○', active: '◔', good: '✓', warn: '!', bad: '✕' };

export function Badge({ tone, children }: { tone: BadgeTone; children: string }) {
  return (
    <span className={`${styles.badge ?? ''} ${styles[tone] ?? ''}`}>
      <span aria-hidden="true">{marks[tone]}</span> {children}
    </span>
  );
}
