/** Where a delivery stands, and when it is tried again. */
import type { WebhookDelivery } from '@dograh-trigger/shared';
import { DeliveryBadge } from '../../ui/delivery-badge';
import { Time } from '../../ui/time';

export function DeliveryState({ delivery }: { delivery: WebhookDelivery }) {
  const next = delivery.status === 'pending' ? delivery.next_attempt_at : null;
  return (
    <div>
      <DeliveryBadge status={delivery.status} />
      {next !== null && (
        <>
          {' '}
          next attempt <Time at={next} />
        </>
      )}
    </div>
  );
}
