/**
 * Who shares a receiver's fate: one organization's deliveries to one address. Those to other addresses of the same host
 * are apart, because at a big one (hooks.zapier.com) each is a hook of its own; another organization's are apart, so
 * that nobody's backlog holds back somebody else's.
 */
import { sha256Hex } from '@dograh-trigger/shared';

/**
 * The name of the receiver: the organization's id, host and port, and what stands for the path, with spaces between. A
 * query does not count: a template may write another one for every call. (Rows of earlier versions have no path.)
 */
export function receiverOf(organizationId: number, url: string): string {
  if (!URL.canParse(url)) return `${organizationId} `;
  const { host, pathname } = new URL(url);
  return `${organizationId} ${host} ${sha256Hex(pathname).slice(0, 16)}`;
}

export function organizationOf(receiver: string): number {
  return Number(receiver.split(' ', 1)[0]);
}

/** The organization's receivers at the same host. */
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
