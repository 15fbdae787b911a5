/** Where a delivery stands, and when it is tried again. */
import type { DeliveryStatus, WebhookDelivery } from '@dograh-trigger/shared';
import { Badge, type BadgeTone } from '../../ui/badge';
import { Time } from '../../ui/time';
import { statusWords } from './delivery-filter';

const tones: Record<DeliveryStatus, BadgeTone> = {
  pending: 'active',
  succeeded: 'good',
  dead_letter: 'bad',
  canceled: 'plain',
};

export function DeliveryState({ delivery }: { delivery: WebhookDelivery }) {
  const next = delivery.status === 'pending' ? delivery.next_attempt_at : null;
  return (
    <div>
      <Badge tone={tones[delivery.status]}>{statusWords[delivery.status]}</Badge>
      {next !== null && (
        <>
          {' '}
          next attempt <Time at={next} />
        </>
      )}
    </div>
  );
}
