/** What an API key may do: which routes it may use, and what of the organization it may see there. Sessions may do all. */
import { keyScopes, type KeyScope } from '@dograh-trigger/shared';
import { Problem } from '../../problem';
import type { Identity, RouteScope } from '../route';

/** The scopes of the keys that may use such a route. A route without a scope is for `admin`. */
export function scopesFor(needed: RouteScope = 'admin'): readonly KeyScope[] {
  if (needed === 'any') return keyScopes;
  return keyScopes.filter((scope) => scope === needed || scope === 'admin');
}

/** @throws Problem forbidden, with the code `scope_missing`. */
export function requireScope(needed: RouteScope | undefined, scope: KeyScope): void {
  const allowed = scopesFor(needed);
  if (allowed.includes(scope)) return;
  throw new Problem(
    'forbidden',
    `This API key has the scope ${scope}, and this request needs ${allowed.join(' or ')}: nothing was done. Use a key with that scope.`,
    { code: 'scope_missing' },
  );
}

/** The key whose calls alone the caller may see; null for a caller who may see all calls of the organization. */
export function limitedToCallsOf({ scope, apiKeyId }: Pick<Identity, 'scope' | 'apiKeyId'>): number | null {
  return scope === 'trigger' ? apiKeyId : null;
}

/** Whether the key of the caller is not limited to other agents. */
export function mayUseAgent({ agentIds }: Pick<Identity, 'agentIds'>, agentId: number): boolean {
  return agentIds === null || agentIds.includes(agentId);
}
