/** What a new owner does first. */
import { Link } from 'wouter';
import { Empty } from '../../ui/empty';
import styles from './first-steps.module.css';

export function FirstSteps() {
  return (
    <Empty title="No calls yet">
      <ol className={styles.steps}>
        <li>
          <Link href="/agents">Call the sandbox</Link>: open an agent and its trigger. The sandbox plays a
          call through and rings no phone.
        </li>
        <li>
          <Link href="/telephony">Add a carrier and a number</Link>, so that calls reach phones.
        </li>
        <li>
          <Link href="/guard">Make an API key</Link> for n8n, Zapier or your own program.
        </li>
      </ol>
    </Empty>
  );
}
