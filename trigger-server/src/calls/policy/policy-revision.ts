/**
 * Reads and replaces the policy with its revision, so that of two people who edit it, the second does not overwrite the
 * first unnoticed.
 */
import {
  sha256Hex,
  type DestinationPolicy,
  type DestinationPolicyInForce,
  type ReplaceDestinationPolicyRequest,
} from '@dograh-trigger/shared';
import { recordAudit, type Actor } from '../../audit/audit';
import { findCallLimits, saveDestinationPolicy } from '../../accounts/organizations';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { parsePolicy, readPolicy } from './destination-policy';

/** The policy in force, with its revision. */
export async function readPolicyInForce(
  services: Pick<Services, 'storage'>,
  organizationId: number,
): Promise<DestinationPolicyInForce> {
  return withRevision(await readPolicy(services, organizationId));
}

/**
 * Replaces the policy; it holds from the next call on. With a revision, only if the policy still has it.
 * @throws Problem conflict with the code `policy_changed`.
 */
export async function replacePolicy(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  { revision, ...policy }: ReplaceDestinationPolicyRequest,
): Promise<DestinationPolicyInForce> {
  const { organizationId } = actor;
  await services.storage.write(async (session) => {
    await session.lock('organization', organizationId);
    const current = parsePolicy((await findCallLimits(session, organizationId)).policy);
    if (typeof revision === 'string' && revisionOf(current) !== revision) throw changed();
    await saveDestinationPolicy(session, organizationId, JSON.stringify(policy));
    await recordAudit(services, session, actor, {
      action: 'destination_policy.changed',
      changed: namesOf(policy).filter(
        (name) => JSON.stringify(policy[name]) !== JSON.stringify(current[name]),
      ),
    });
  });
  return withRevision(policy);
}

function changed(): Problem {
  return new Problem(
    'conflict',
    'The destination policy has been changed since you read it, so nothing was saved. Read it again, then save your change with its new revision.',
    { code: 'policy_changed' },
  );
}

function withRevision(policy: DestinationPolicy): DestinationPolicyInForce {
  return { ...policy, revision: revisionOf(policy) };
}

/** Made from the content alone: a change that was taken back leaves nothing to be overwritten. */
function revisionOf(policy: DestinationPolicy): string {
  return sha256Hex(JSON.stringify(namesOf(policy).map((name) => [name, policy[name]]))).slice(0, 32);
}

function namesOf(policy: DestinationPolicy) {
  return Object.keys(policy).sort() as (keyof DestinationPolicy)[];
}
