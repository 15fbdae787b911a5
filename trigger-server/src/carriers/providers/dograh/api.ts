/** Requests to Dograh's API, and the words of its refusals: https://docs.dograh.com/api-reference */
import { health, problem, type Health, type JsonObject, type Problem } from '@dograh-trigger/shared';
import type * as z from 'zod';
import type { CarrierRequest } from '../../../egress/client';
import { askAboutCall, readAnswer } from '../../kit/ask';
import { parseJson } from '../../kit/dial';
import type { CarrierTools } from '../../port/tools';
import type { Configuration } from './configuration';

export const carrier = 'Dograh';

/**
 * @param path below `/api/v1`. @param body of a POST; without it, it is a GET.
 */
export function dograhRequest(
  { base_url: baseUrl, api_key: key }: Pick<Configuration, 'base_url' | 'api_key'>,
  path: string,
  body?: JsonObject,
): CarrierRequest {
  const headers = { accept: 'application/json', 'x-api-key': key };
  const url = `${baseUrl}/api/v1${path}`;
  if (body === undefined) return { method: 'GET', url, headers, guarded: true };
  return {
    method: 'POST',
    url,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    guarded: true,
  };
}

/** The body of a refusal; undefined where it is not Dograh's. */
export function readProblem(body: unknown): Problem | undefined {
  return problem.safeParse(body).data;
}

/** Dograh's words in the body of a refusal: a sentence, the invalid fields, or the faults of an agent. */
export function words({ detail }: Problem): string {
  if (typeof detail === 'string') return detail;
  if ('message' in detail) return detail.message;
  const sentences = Array.isArray(detail)
    ? detail.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`)
    : detail.errors.map(({ message }) => message);
  return sentences.join('; ');
}

/**
 * Reads something of Dograh.
 * @returns null for a 404. @throws NotSentError, NoReplyError, CarrierFailure.
 */
export async function readFromDograh<Schema extends z.ZodType>(
  configuration: Configuration,
  path: string,
  schema: Schema,
  tools: CarrierTools,
): Promise<z.output<Schema> | null> {
  const answer = await askAboutCall(tools, dograhRequest(configuration, path));
  return answer.status === 404 ? null : readAnswer(schema, answer);
}

/**
 * What the server says about itself, without the key.
 * @returns null as `health` for a reply that is not Dograh's. @throws NotSentError, NoReplyError.
 */
export async function askHealth(
  configuration: Configuration,
  tools: CarrierTools,
): Promise<{ status: number; health: Health | null }> {
  const { status, body } = await tools.http(dograhRequest({ ...configuration, api_key: '' }, '/health'));
  return { status, health: health.safeParse(parseJson(body)).data ?? null };
}
