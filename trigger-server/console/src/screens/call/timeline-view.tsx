import type { Step } from './timeline';
import { Time } from '../../ui/time';
import styles from './timeline.module.css';

const marks: Record<Step['tone'], string> = { plain: '○', active: '◔', good: '✓', warn: '!', bad: '✕' };

/** Whether both are on one day of the reader, so that the clock alone says enough. */
function isSameDay(one: string, other: string | null | undefined): boolean {
  return other != null && new Date(one).toDateString() === new Date(other).toDateString();
}

export function TimelineView({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className={styles.timeline}>
      {steps.map((step, place) => (
        <li key={`${String(place)} ${step.what}`} className={styles[step.tone]}>
          <span aria-hidden="true" className={styles.mark}>
            {marks[step.tone]}
          </span>
          <span className={styles.clock}>
            {step.at !== null && <Time at={step.at} short={isSameDay(step.at, steps[0]?.at)} />}
          </span>
          <span>
            {step.what}
            {step.raw !== '' && (
              <>
                {' '}
                <code title="The carrier’s own word">{step.raw}</code>
              </>
            )}
            {step.detail !== '' && <span className={styles.detail}>{step.detail}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
