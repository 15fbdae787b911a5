/**
 * Who shares a receiver's fate: one organization's deliveries to one host. Another organization's to the same host are
 * apart, so that nobody's backlog at a shared service holds back somebody else's.
 */

/** The name of the receiver: the organization's id, a space, host and port. */
export function receiverOf(organizationId: number, url: string): string {
  return `${organizationId} ${URL.canParse(url) ? new URL(url).host : ''}`;
}

export function organizationOf(receiver: string): number {
  return Number(receiver.split(' ', 1)[0]);
}

/** Sorts after every receiver of the same organization, and before those of the next one. */
export function afterOrganizationOf(receiver: string): string {
  return `${organizationOf(receiver)}!`;
}
