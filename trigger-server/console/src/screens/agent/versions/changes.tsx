/** What differs between two versions, part by part, with old and new values. */
import { Badge } from '../../../ui/badge';
import type { Change, ChangedField, Difference } from '../model/diff';
import styles from './versions.module.css';

const kinds = {
  added: { tone: 'good', word: 'added' },
  removed: { tone: 'bad', word: 'removed' },
  changed: { tone: 'active', word: 'changed' },
} as const;

export function Changes({ difference }: { difference: Difference }) {
  const { changes, movedNodes } = difference;
  return (
    <>
      {changes.length === 0 && <p>Nothing that a call would notice.</p>}
      <ul className={styles.changes}>
        {changes.map((change) => (
          <li key={`${change.kind} ${change.subject}`}>
            <ChangeEntry change={change} />
          </li>
        ))}
      </ul>
      {movedNodes > 0 && (
        <p className={styles.soft}>
          {movedNodes === 1 ? 'One node has' : `${movedNodes} nodes have`} moved on the canvas.
        </p>
      )}
    </>
  );
}

function ChangeEntry({ change: { kind, subject, fields } }: { change: Change }) {
  const { tone, word } = kinds[kind];
  return (
    <div className={styles.change}>
      <h3>
        {subject} <Badge tone={tone}>{word}</Badge>
      </h3>
      {fields.length > 0 && (
        <dl className={styles.fields}>
          {fields.map((field) => (
            <div key={field.name}>
              <dt>{field.name}</dt>
              <Values field={field} />
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function Values({ field: { before, after } }: { field: ChangedField }) {
  return (
    <dd className={styles.values}>
      {before !== null && (
        <del>
          <span className="visually-hidden">old: </span>
          {before === '' ? '(empty)' : before}
        </del>
      )}
      {after !== null && (
        <ins>
          <span className="visually-hidden">new: </span>
          {after === '' ? '(empty)' : after}
        </ins>
      )}
    </dd>
  );
}
