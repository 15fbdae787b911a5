import type { ConversationLine, Utterance } from '../api/conversation';
import { Time } from './time';
import styles from './conversation.module.css';

const names: Record<Utterance['speaker'], string> = { agent: 'Agent', person: 'Person' };

/** What both have said, with the steps of the agent as lines between. */
export function ConversationView({ lines }: { lines: readonly ConversationLine[] }) {
  return (
    <ol className={styles.conversation}>
      {lines.map((line, place) => (
        <Line key={place} line={line} />
      ))}
    </ol>
  );
}

function Line({ line }: { line: ConversationLine }) {
  if ('to' in line) return <li className={styles.step}>Step: {line.to}</li>;
  if ('failure' in line) return <li className={styles.failure}>{line.failure}</li>;
  const { speaker, at, text } = line;
  return (
    <li className={styles[speaker]}>
      <span className={styles.who}>
        {names[speaker]} {at !== '' && <Time at={at} short />}
      </span>
      <span className={styles.text}>{text}</span>
    </li>
  );
}
