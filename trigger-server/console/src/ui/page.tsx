/** A screen's title, its actions and its content. The title is the tab's title too. */
import { useEffect, type ReactNode } from 'react';
import styles from './page.module.css';

export function Page(props: { title: string; actions?: ReactNode; above?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${props.title} · Dograh Trigger`;
  }, [props.title]);
  return (
    <div className={styles.page}>
      {props.above}
      <div className={styles.head}>
        <h1>{props.title}</h1>
        {props.actions !== undefined && <div className={styles.actions}>{props.actions}</div>}
      </div>
      {props.children}
    </div>
  );
}

/** A part of a screen, with a heading. */
export function Section(props: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.section} aria-label={props.title}>
      <div className={styles.head}>
        <h2>{props.title}</h2>
        {props.actions !== undefined && <div className={styles.actions}>{props.actions}</div>}
      </div>
      {props.children}
    </section>
  );
}
