/** One delivery: what was sent, every attempt, and the receiver's replies. */
import type { WebhookAttempt, WebhookDelivery, WebhookDeliveryDetails } from '@dograh-trigger/shared';
import { Link } from 'wouter';
import { api } from '../../api/http';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { CopyBlock } from '../../ui/copy';
import { Loaded } from '../../ui/loaded';
import { Notice } from '../../ui/notice';
import { Page, Section } from '../../ui/page';
import { Time } from '../../ui/time';
import { useToast } from '../../ui/toast';
import { sourceWords } from './delivery-filter';
import { DeliveryState } from './delivery-state';
import styles from './events.module.css';
import { deliveryLists, useChange, useDelivery } from './queries';

export function DeliveryPage({ deliveryId }: { deliveryId: string }) {
  const toast = useToast();
  const delivery = useDelivery(deliveryId);
  const resend = useChange(deliveryLists, () =>
    api<WebhookDelivery>('POST', `/webhook-deliveries/${encodeURIComponent(deliveryId)}/redeliver`, {
      body: {},
    }),
  );
  return (
    <Page
      title="Delivery"
      above={<Link href="/events/deliveries">Deliveries</Link>}
      actions={
        <Button
          pending={resend.isPending}
          onClick={() => {
            resend.mutate(undefined, {
              onSuccess: () => {
                toast('The event is sent again');
              },
            });
          }}
        >
          Send it again
        </Button>
      }
    >
      {resend.error !== null && <Notice error={resend.error} />}
      <Loaded query={delivery} what="the delivery">
        {(data) => (
          <>
            <Facts delivery={data} />
            <Attempts attempts={data.attempts} />
            <Section title="Body">
              {data.body === null ? (
                <p>The body is made at the first attempt.</p>
              ) : (
                <CopyBlock text={indented(data.body)} what="the body of the request" />
              )}
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Facts({ delivery }: { delivery: WebhookDeliveryDetails }) {
  return (
    <Section title="Request">
      <dl className={styles.pairs}>
        <dt>State</dt>
        <dd>
          <DeliveryState delivery={delivery} />
        </dd>
        <dt>Call</dt>
        <dd>
          <Link href={`/calls/${delivery.workflow_run_id}`}>Call {delivery.workflow_run_id}</Link>
        </dd>
        <dt>Event</dt>
        <dd>{delivery.event ?? 'The webhook node’s own payload'}</dd>
        <dt>Asked for by</dt>
        <dd>{sourceWords[delivery.source]}</dd>
        <dt>Request</dt>
        <dd>
          <code>
            {delivery.method} {delivery.url}
          </code>
        </dd>
        <dt>Delivery id</dt>
        <dd>
          <code>{delivery.id}</code>
        </dd>
        <dt>Made</dt>
        <dd>
          <Time at={delivery.created_at} />
        </dd>
      </dl>
    </Section>
  );
}

function Attempts({ attempts }: { attempts: readonly WebhookAttempt[] }) {
  return (
    <Section title="Attempts">
      {attempts.length === 0 && <p>There was no attempt yet.</p>}
      <ol className={styles.attempts}>
        {attempts.map((attempt) => (
          <li key={attempt.number}>
            <Attempt attempt={attempt} />
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Attempt({ attempt }: { attempt: WebhookAttempt }) {
  const status = attempt.status_code === null ? 'No reply' : `Status ${attempt.status_code}`;
  return (
    <>
      <p>
        <Badge tone={attempt.error === null ? 'good' : 'bad'}>{status}</Badge> Attempt {attempt.number} ·{' '}
        <Time at={attempt.started_at} /> · {attempt.duration_milliseconds} ms
      </p>
      {attempt.error !== null && <p>{attempt.error}</p>}
      {attempt.sent_headers !== null && (
        <details>
          <summary>The headers of the request</summary>
          <CopyBlock
            text={headerLines(attempt.sent_headers)}
            what={`the headers of attempt ${attempt.number}`}
          />
        </details>
      )}
      {attempt.response !== null && attempt.response !== '' && (
        <details>
          <summary>The beginning of the reply</summary>
          <CopyBlock text={attempt.response} what={`the reply to attempt ${attempt.number}`} />
        </details>
      )}
    </>
  );
}

function headerLines(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

/** JSON over several lines; any other text as it is. */
function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
