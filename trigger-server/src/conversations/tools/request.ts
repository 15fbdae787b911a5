/** The request of an `http_api` tool. */
import {
  renderTemplate,
  renderUrl,
  type HttpApiConfig,
  type JsonObject,
  type JsonValue,
} from '@dograh-trigger/shared';
import type { CarrierRequest } from '../../egress/client';
import { version } from '../../version';
import type { ToolContext } from '../engine/tools';
import { templateContext } from './arguments';
import { ToolError } from './tool-error';

const mostReplyBytes = 64 * 1024;
const mostBodyCharacters = 64 * 1024;
const defaultMilliseconds = 5000;
const mostMilliseconds = 10_000;

export interface PreparedRequest {
  request: CarrierRequest & { withinMilliseconds: number };
  /** The body before it became text; null without one. */
  body: JsonValue;
  /** The query of GET and DELETE; null for a request with a body. */
  query: JsonObject | null;
}

/** @throws ToolError when the values do not make a request of it. */
export function prepareRequest(
  config: HttpApiConfig,
  values: { presets: JsonObject; filled: JsonObject; context: ToolContext; now: Date },
  own: { credential: Record<string, string>; callKey: string | null },
): PreparedRequest {
  const { presets, filled, context, now } = values;
  // The model may fill in what a preset says as well, but only parameters that the tool declares.
  const args = { ...presets, ...filled };
  const seen = { ...presets, ...templateContext(context), ...filled };
  const url = inWords('URL template rendering failed', () => renderUrl(config.url, seen, now));
  const hasBody = config.method !== 'GET' && config.method !== 'DELETE';
  const template = config.body_template ?? null;
  const body = !hasBody
    ? null
    : template === null
      ? args
      : inWords('Body template rendering failed', () =>
          renderTemplate(template, seen, { now, wholeUpTo: mostBodyCharacters, keepsTypes: true }),
        );
  return {
    request: {
      method: config.method,
      url: hasBody ? url : withQuery(url, args),
      headers: {
        'user-agent': `dograh-trigger/${version}`,
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...lowerCase(config.headers ?? {}),
        ...own.credential,
        ...(own.callKey === null ? {} : { 'idempotency-key': own.callKey }),
      },
      ...(hasBody ? { body: JSON.stringify(body) } : {}),
      guarded: true,
      keepReplyBytes: mostReplyBytes,
      withinMilliseconds: Math.min(config.timeout_ms ?? defaultMilliseconds, mostMilliseconds),
    },
    body,
    query: hasBody ? null : args,
  };
}

function inWords<Result>(what: string, render: () => Result): Result {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ToolError(`${what}: ${error.message}`);
  }
}

function withQuery(url: string, args: JsonObject): string {
  const address = new URL(url);
  for (const [name, value] of Object.entries(args)) {
    address.searchParams.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return address.href;
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
