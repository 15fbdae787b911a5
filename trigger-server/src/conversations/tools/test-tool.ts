/** Sends the request of a tool with given values, and shows request and reply to its author. */
import type { HttpApiConfig, JsonObject, TestToolRequest, ToolTestReport } from '@dograh-trigger/shared';
import { maskedHeaders } from '../../events/credentials/custom-headers';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { modelValues } from './arguments';
import { credentialOf, dataOf, sendTool } from './http-api';
import { prepareRequest } from './request';
import { ToolError } from './tool-error';
import { readDefinition } from './tools';

type Needs = Pick<Services, 'storage' | 'secrets' | 'carrier' | 'clock'>;

/** @throws Problem not_found; bad_request for a tool that sends nothing. */
export async function testTool(
  services: Needs,
  organizationId: number,
  uuid: string,
  request: TestToolRequest,
): Promise<ToolTestReport> {
  const definition = await readDefinition(services.storage.read, organizationId, uuid);
  if (definition.type !== 'http_api') throw new Problem('bad_request', 'Only HTTP API tools can be tested');
  const startedAt = services.clock.now().getTime();
  const report = await attempt(services, organizationId, definition.config, request);
  return { ...report, duration_ms: Math.max(0, services.clock.now().getTime() - startedAt) };
}

async function attempt(
  services: Needs,
  organizationId: number,
  config: HttpApiConfig,
  { llm_params: filledIn, preset_params: presets }: TestToolRequest,
): Promise<Omit<ToolTestReport, 'duration_ms'>> {
  let sent: Omit<ToolTestReport, 'duration_ms' | 'status' | 'status_code' | 'data' | 'error' | 'hint'> = {
    request_method: config.method,
    request_url: null,
    request_headers: {},
    request_body: null,
    request_params: null,
  };
  try {
    const credential = await credentialOf(services, organizationId, config);
    const filled = modelValues(config.parameters ?? [], filledIn ?? {});
    const nothing: JsonObject = {};
    const prepared = prepareRequest(
      config,
      {
        presets: presets ?? {},
        filled,
        context: { initial: nothing, gathered: nothing },
        now: services.clock.now(),
      },
      { credential, callKey: null },
    );
    sent = {
      ...sent,
      request_url: prepared.request.url,
      request_headers: maskedHeaders(prepared.request.headers, (name) => name in credential),
      request_body: prepared.body,
      request_params: prepared.query,
    };
    const reply = await sendTool(services, organizationId, prepared);
    const isError = reply.status >= 400;
    return {
      ...sent,
      status: isError ? 'error' : 'success',
      status_code: reply.status,
      data: dataOf(reply),
      error: isError ? `The endpoint answered ${reply.status}` : null,
      hint: hintOn(reply.status),
    };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const hint = 'In a call, the model is told this error and goes on without the answer.';
    return { ...sent, status: 'error', status_code: null, data: null, error: error.message, hint };
  }
}

function hintOn(status: number): string | null {
  if (status === 401 || status === 403) return 'Check the credential that the tool names.';
  if (status === 404) return 'Check the address and what is filled into it.';
  if (status >= 300 && status < 400) return 'Redirects are not followed: use the address that it leads to.';
  return status >= 400 ? 'In a call, the model is shown the answer as it is.' : null;
}
