/** A link that looks like a button, for a step that leads to another screen. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import styles from './button.module.css';

export function LinkButton(props: { href: string; kind?: 'primary' | 'secondary'; children: ReactNode }) {
  const kind = styles[props.kind ?? 'secondary'] ?? '';
  return (
    <Link href={props.href} className={`${styles.button ?? ''} ${styles.link ?? ''} ${kind}`}>
      {props.children}
    </Link>
  );
}
