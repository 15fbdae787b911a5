/** Calls a day by outcome, as bars. The same numbers stand in a table below, for whoever does not see the bars. */
import { describeDays, outcomeGroups, type DayCounts, type OutcomeGroup } from './day-counts';
import styles from './day-chart.module.css';

const classes: Record<OutcomeGroup, string | undefined> = {
  waiting: styles.waiting,
  'under way': styles.underWay,
  failed: styles.failed,
  'not reached': styles.notReached,
  completed: styles.completed,
};

/** From the bottom up. */
const stacked = outcomeGroups.toReversed();

const dayName = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });

export function DayChart({ days }: { days: readonly DayCounts[] }) {
  const most = Math.max(1, ...days.map(({ total }) => total));
  const name = (day: DayCounts | undefined) => (day === undefined ? '' : dayName.format(new Date(day.date)));
  return (
    <figure className={styles.figure}>
      <svg
        className={styles.chart}
        viewBox={`0 0 ${String(days.length)} 100`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Calls a day. ${describeDays(days)}`}
      >
        {days.map((day, place) => (
          <Bar key={day.date} day={day} place={place} most={most} />
        ))}
      </svg>
      <figcaption className={styles.caption}>
        <span>{name(days[0])}</span>
        <span className={styles.legend}>
          {outcomeGroups.toReversed().map((group) => (
            <span key={group}>
              <svg viewBox="0 0 10 10" className={styles.mark} aria-hidden="true">
                <rect width="10" height="10" className={classes[group]} />
              </svg>
              {group}
            </span>
          ))}
        </span>
        <span>{name(days.at(-1))}</span>
      </figcaption>
      <details className={styles.numbers}>
        <summary>The numbers as a table</summary>
        <div className={styles.scroll} tabIndex={0} role="region" aria-label="Calls a day">
          <table>
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col">Calls</th>
                {stacked.map((group) => (
                  <th key={group} scope="col">
                    {group}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map(({ date, total, counts }) => (
                <tr key={date}>
                  <th scope="row">{date}</th>
                  <td>{total}</td>
                  {stacked.map((group) => (
                    <td key={group}>{counts[group]}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function Bar({ day, place, most }: { day: DayCounts; place: number; most: number }) {
  const heights = stacked.map((group) => (day.counts[group] / most) * 100);
  return (
    <g>
      <title>{`${day.date}: ${stacked.map((group) => `${String(day.counts[group])} ${group}`).join(', ')}`}</title>
      <rect x={place} width="1" height="100" className={styles.hover} />
      {stacked.map((group, layer) => {
        const height = heights[layer] ?? 0;
        const below = heights.slice(0, layer).reduce((sum, part) => sum + part, 0);
        return (
          <rect
            key={group}
            x={place + 0.12}
            y={100 - below - height}
            width="0.76"
            height={height}
            className={classes[group]}
          />
        );
      })}
    </g>
  );
}
