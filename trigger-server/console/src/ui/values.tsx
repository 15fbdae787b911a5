import styles from './values.module.css';

/** Values with their names, such as what an agent has extracted. */
export function Values({ values, none }: { values: readonly (readonly [string, string])[]; none: string }) {
  if (values.length === 0) return <p className={styles.none}>{none}</p>;
  return (
    <dl className={styles.values}>
      {values.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
