/** Where a delivery stands, in a word. */
import type { DeliveryStatus } from '@dograh-trigger/shared';
import { Badge } from './badge';
import { deliveryTones, deliveryWords } from './delivery-words';

export function DeliveryBadge({ status }: { status: DeliveryStatus }) {
  return <Badge tone={deliveryTones[status]}>{deliveryWords[status]}</Badge>;
}
