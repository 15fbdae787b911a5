/** What the states of a delivery are called on the screen. */
import type { DeliveryStatus } from '@dograh-trigger/shared';

export const deliveryWords: Record<DeliveryStatus, string> = {
  pending: 'Waiting',
  succeeded: 'Delivered',
  dead_letter: 'Given up',
  canceled: 'Canceled',
};

export const deliveryTones = {
  pending: 'active',
  succeeded: 'good',
  dead_letter: 'bad',
  canceled: 'plain',
} as const satisfies Record<DeliveryStatus, string>;
