/** What the server says is wrong, in its words. */
import { Notice } from '../../../ui/notice';
import type { Fault } from '../model/faults';
import styles from './forms.module.css';

export function FaultList({ faults }: { faults: readonly Fault[] }) {
  const groups = [
    { tone: 'bad', name: 'Faults', list: faults.filter(({ isWarning }) => !isWarning) },
    { tone: 'warn', name: 'Warnings', list: faults.filter(({ isWarning }) => isWarning) },
  ] as const;
  return groups.map(({ tone, name, list }) =>
    list.length === 0 ? null : (
      <Notice key={name} tone={tone}>
        <span className="visually-hidden">{name}: </span>
        <ul className={styles.faults}>
          {list.map(({ message, field }) => (
            <li key={`${field ?? ''} ${message}`}>{message}</li>
          ))}
        </ul>
      </Notice>
    ),
  );
}
