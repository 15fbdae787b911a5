/** What an API key may do and until when: in words, and as it is chosen for a new key. */
import type { ApiKey, CreateApiKeyRequest, KeyScope } from '@dograh-trigger/shared';

export const scopeWords: Record<KeyScope, { label: string; hint: string }> = {
  trigger: {
    label: 'Place calls',
    hint: 'For n8n, Zapier and programs that call. It places calls within the policy, and reads and ends only the calls that it has placed.',
  },
  read: {
    label: 'Read',
    hint: 'For reports. It reads everything but secrets, and changes nothing.',
  },
  admin: {
    label: 'Everything',
    hint: 'For programs that manage your organization. It reads and changes everything, other keys included.',
  },
};

/** The safest first: a form begins with it. */
export const scopes: readonly KeyScope[] = ['trigger', 'read', 'admin'];

export interface KeyDraft {
  name: string;
  scope: KeyScope;
  /** Empty: all agents. */
  agents: readonly number[];
  /** The last day on which the key works, `2027-12-31`. Empty: it has no end. */
  lastDay: string;
}

export const emptyDraft: KeyDraft = { name: '', scope: 'trigger', agents: [], lastDay: '' };

/** The server judges the values. Only a key that places calls is limited to agents, whatever was chosen before. */
export function keyToSend({ name, scope, agents, lastDay }: KeyDraft): CreateApiKeyRequest {
  return {
    name,
    scope,
    agents: scope === 'trigger' && agents.length > 0 ? [...agents] : null,
    expires_at: lastDay === '' ? null : endOfDay(lastDay),
  };
}

/** @returns the midnight after this day, by the clock of the person who chose it, as an ISO timestamp. */
function endOfDay(day: string): string {
  const end = new Date(`${day}T00:00`);
  end.setDate(end.getDate() + 1);
  return end.toISOString();
}

/** `Place calls: Demo agent, Agent 7`. @param agents those whose names are known. */
export function limitsInWords(
  { scope = 'admin', agents: ids }: Pick<ApiKey, 'scope' | 'agents'>,
  agents: readonly { id: number; name: string }[],
): string {
  const { label } = scopeWords[scope];
  if (ids == null) return label;
  const names = ids.map((id) => agents.find((agent) => agent.id === id)?.name ?? `Agent ${String(id)}`);
  return `${label}: ${names.join(', ')}`;
}

export type KeyState = 'active' | 'expired' | 'archived';

/** @param now milliseconds since 1970. */
export function stateOfKey(
  { is_active: isActive, expires_at: end }: Pick<ApiKey, 'is_active' | 'expires_at'>,
  now: number,
): KeyState {
  if (!isActive) return 'archived';
  return hasExpired({ expires_at: end }, now) ? 'expired' : 'active';
}

/** A key that has expired stays so, also if it is reactivated. @param now milliseconds since 1970. */
export function hasExpired({ expires_at: end }: Pick<ApiKey, 'expires_at'>, now: number): boolean {
  return end != null && Date.parse(end) <= now;
}
