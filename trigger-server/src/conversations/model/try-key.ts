/** Asks an endpoint for its models, which shows whether it accepts a key, before the key is saved. */
import type { LlmSettings } from '@dograh-trigger/shared';
import { isRefusedTarget } from '../../egress/address-guard';
import { NotSentError } from '../../egress/client';
import type { Services } from '../../services';
import { keyHeader } from './endpoint';
import { baseUrlOf, keysOf, organizationsEndpoint } from './endpoints';

/** The message is for people. */
export type Trial = { kind: 'accepted' } | { kind: 'refused' | 'untried'; message: string };

const isCertain: Record<number, string> = {
  401: 'The endpoint refused this API key (HTTP 401).',
  403: 'The endpoint does not allow this API key (HTTP 403).',
};

/** All keys at once, so that many keys take no longer than one. */
export async function tryKey(
  services: Pick<Services, 'carrier'>,
  llm: LlmSettings,
  organizationId: number,
): Promise<Trial> {
  const keys = keysOf(llm).length === 0 ? [null] : keysOf(llm);
  const trials = await Promise.all(keys.map((key) => tryOne(services, llm, key, organizationId)));
  const worst = (kind: Trial['kind']) => trials.find((trial) => trial.kind === kind);
  return worst('refused') ?? worst('untried') ?? { kind: 'accepted' };
}

async function tryOne(
  { carrier }: Pick<Services, 'carrier'>,
  llm: LlmSettings,
  key: string | null,
  organizationId: number,
): Promise<Trial> {
  const endpoint = organizationsEndpoint(llm);
  try {
    const { status } = await carrier.send(
      {
        method: 'GET',
        url: `${baseUrlOf(llm)}/models`,
        headers: { ...endpoint.headers, ...(key === null ? {} : keyHeader(endpoint, key)) },
        guarded: true,
        keepReplyBytes: 1024,
      },
      organizationId,
    );
    const refusal = isCertain[status];
    if (refusal !== undefined) return { kind: 'refused', message: refusal };
    if (status >= 500) return { kind: 'untried', message: `The endpoint failed (HTTP ${String(status)}).` };
    return { kind: 'accepted' };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): Trial {
  if (error instanceof NotSentError && isRefusedTarget(error.cause)) {
    return {
      kind: 'refused',
      message:
        'The address leads into a private network of this server; its operator allows some by ALLOWED_PRIVATE_TARGETS.',
    };
  }
  return { kind: 'untried', message: 'The endpoint could not be reached, so the key was not tried.' };
}
