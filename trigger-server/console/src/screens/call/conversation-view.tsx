import { Time } from '../../ui/time';
import type { Utterance } from '../../api/conversation';
import styles from './conversation.module.css';

const names: Record<Utterance['speaker'], string> = { agent: 'Agent', person: 'Person' };

export function ConversationView({ utterances }: { utterances: readonly Utterance[] }) {
  return (
    <ol className={styles.conversation}>
      {utterances.map(({ speaker, at, text }, place) => (
        <li key={place} className={styles[speaker]}>
          <span className={styles.who}>
            {names[speaker]} {at !== '' && <Time at={at} short />}
          </span>
          <span className={styles.text}>{text}</span>
        </li>
      ))}
    </ol>
  );
}
