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

export async function tryKey(
  { carrier }: Pick<Services, 'carrier'>,
  llm: LlmSettings,
  organizationId: number,
): Promise<Trial> {
  const endpoint = organizationsEndpoint(llm);
  for (const key of keysOf(llm).length === 0 ? [null] : keysOf(llm)) {
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
      if (status >= 500) return { kind: 'untried', message: `The endpoint failed (HTTP ${status}).` };
    } catch (error) {
      return failed(error);
    }
  }
  return { kind: 'accepted' };
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
