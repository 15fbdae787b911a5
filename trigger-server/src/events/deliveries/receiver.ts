/**
 * A receiver is one address of one organization. Its deliveries share a queue. Two addresses at the same host are two
 * receivers, because a large host (hooks.zapier.com) serves many independent hooks. Two organizations with the same
 * address are two receivers, so that the backlog of one does not delay the other.
 */
import { sha256Hex } from '@dograh-trigger/shared';

/**
 * The name of a receiver: the organization's id, the host with its port, and a hash of the path, separated by spaces. The
 * query string does not count, because a template may write a different one for every call. (Rows of earlier versions
 * have no path.)
 */
export function receiverOf(organizationId: number, url: string): string {
  if (!URL.canParse(url)) return `${organizationId} `;
  const { host, pathname } = new URL(url);
  return `${organizationId} ${host} ${sha256Hex(pathname).slice(0, 16)}`;
}

export function organizationOf(receiver: string): number {
  return Number(receiver.split(' ', 1)[0]);
}

/** The common prefix of an organization's receivers at the same host. */
export function hostOf(receiver: string): string {
  return receiver.split(' ', 2).join(' ');
}

/** Sorts after every receiver of the same organization, and before those of the next one. */
export function afterOrganizationOf(receiver: string): string {
  return `${organizationOf(receiver)}!`;
}

/** Sorts after every receiver of the same organization at the same host, and before those at the next one. */
export function afterHostOf(receiver: string): string {
  return `${hostOf(receiver)}!`;
}
