/** What was sent about the call: each delivery with its attempts, and a button that sends it again. */
import type { WebhookDelivery, WebhookDeliveryDetails } from '@dograh-trigger/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/http';
import { deliveryKeys } from '../../api/live';
import { Button } from '../../ui/button';
import { CopyBlock } from '../../ui/copy';
import { DeliveryBadge } from '../../ui/delivery-badge';
import { Notice } from '../../ui/notice';
import { Time } from '../../ui/time';
import { useToast } from '../../ui/toast';
import styles from './deliveries.module.css';
import { outcomeOf } from './timeline';

export function Deliveries({ deliveries }: { deliveries: readonly WebhookDeliveryDetails[] }) {
  return (
    <ul className={styles.deliveries}>
      {deliveries.map((delivery) => (
        <Delivery key={delivery.id} delivery={delivery} />
      ))}
    </ul>
  );
}

function Delivery({ delivery }: { delivery: WebhookDeliveryDetails }) {
  const queries = useQueryClient();
  const toast = useToast();
  const again = useMutation({
    mutationFn: () => api<WebhookDelivery>('POST', `/webhook-deliveries/${delivery.id}/redeliver`),
    onSuccess: async () => {
      toast('The event is sent again.');
      await queries.invalidateQueries({ queryKey: deliveryKeys.list });
      await queries.invalidateQueries({ queryKey: deliveryKeys.one });
    },
  });
  const name = delivery.event ?? 'webhook node';
  return (
    <li className={styles.delivery}>
      <div className={styles.head}>
        <DeliveryBadge status={delivery.status} />
        <span>
          {name} to <code>{delivery.url}</code>
        </span>
        <Button
          pending={again.isPending}
          onClick={() => again.mutate()}
          aria-label={`Send again: ${name} to ${delivery.url}`}
        >
          Send again
        </Button>
      </div>
      {again.isError && <Notice error={again.error} />}
      <details>
        <summary>
          {delivery.attempts.length === 1 ? '1 attempt' : `${String(delivery.attempts.length)} attempts`}
        </summary>
        <ol className={styles.attempts}>
          {delivery.attempts.map((attempt) => (
            <li key={attempt.number}>
              <Time at={attempt.started_at} /> · {outcomeOf(attempt)}
              {attempt.response !== null && attempt.response !== '' && (
                <pre tabIndex={0} aria-label={`Reply to attempt ${String(attempt.number)}`}>
                  {attempt.response}
                </pre>
              )}
            </li>
          ))}
        </ol>
        {delivery.body !== null && <CopyBlock text={delivery.body} what="the body of the event" />}
      </details>
    </li>
  );
}
