/** Asks an address of the agent for values, when a call is answered and before the agent speaks (Dograh's pre-call fetch). */
import {
  textChatMode,
  webhookUrl,
  type AgentNode,
  type JsonObject,
  type JsonValue,
} from '@dograh-trigger/shared';
import { loadDefinition } from '../../agents/resolve-trigger';
import { describeError } from '../../describe-error';
import { NoReplyError, NotSentError } from '../../egress/client';
import { credentialHeader } from '../../events/credentials/credentials';
import { shapeFault } from '../../http/body/json-shape';
import { isJsonObject } from '../../http/body/unknown-fields';
import { addToContext } from '../../runs/fetched-context';
import { promptContext, withoutReserved } from '../../runs/prompt-context';
import type { RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import { version } from '../../version';

type Needs = Pick<Services, 'storage' | 'secrets' | 'carrier' | 'log'>;

const mostMilliseconds = 10_000;
const mostReplyBytes = 64 * 1024;
/**
 * The run with the values that its agent's Start node asks for, which are saved with it. It takes 10 seconds at
 * most, and is asked again only if the process ended meanwhile. Whatever fails, the call goes on without them.
 */
export async function withFetchedContext(services: Needs, run: RunRow): Promise<RunRow> {
  const { nodes } = await loadDefinition(services.storage.read, run.definition_id);
  const start = nodes.find(({ type }) => type === 'startCall');
  const url = start === undefined ? null : addressOf(start, run.mode === textChatMode);
  if (start === undefined || url === null) return run;
  const values = await fetchValues(services, run, start, url);
  if (values === null) return run;
  const context = await services.storage.write((session) => addToContext(session, run, values));
  return { ...run, initial_context: context };
}

/** Null when no values are asked for. Every call of this server is an outbound one, and a text chat has no direction. */
function addressOf({ data }: AgentNode, isChat: boolean): string | null {
  const { pre_call_fetch_mode: mode, pre_call_fetch_enabled: isOn, pre_call_fetch_url: url } = data;
  const applies = mode === 'always' || (mode === 'outbound' && !isChat) || (mode == null && isOn === true);
  return applies && webhookUrl.safeParse(url).success ? (url as string) : null;
}

async function fetchValues(
  services: Needs,
  run: RunRow,
  { data: { pre_call_fetch_credential_uuid: credential } }: AgentNode,
  url: string,
): Promise<JsonObject | null> {
  const failed = (reason: string | object) => {
    services.log.warn({ runId: run.id, reason }, 'a call goes on without the values that its agent asks for');
    return null;
  };
  try {
    const { caller_number: from, called_number: to } = promptContext(run);
    const numbers = { from_number: from ?? '', to_number: to ?? '' };
    const authentication =
      typeof credential === 'string' && credential !== ''
        ? await credentialHeader(services, run.organization_id, credential)
        : {};
    const reply = await services.carrier.send(
      {
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json',
          'user-agent': `dograh-trigger/${version}`,
          ...authentication,
        },
        body: JSON.stringify({ event: 'call_inbound', call_inbound: { agent_id: run.agent_id, ...numbers } }),
        guarded: true,
        mostReplyBytes,
        withinMilliseconds: mostMilliseconds,
      },
      run.organization_id,
    );
    if (reply.status < 200 || reply.status > 299) return failed(`the answer was ${reply.status}`);
    return valuesIn(reply.body) ?? failed('the answer was no JSON object with values');
  } catch (error) {
    if (error instanceof NotSentError || error instanceof NoReplyError) return failed('there was no answer');
    return failed(describeError(error));
  }
}

/** `initial_context`, else `dynamic_variables`, of `call_inbound` or of the answer itself. */
function valuesIn(text: string): JsonObject | null {
  const answer = parsed(text);
  if (!isJsonObject(answer)) return null;
  const place = isJsonObject(answer.call_inbound) ? answer.call_inbound : answer;
  const values = place.initial_context ?? place.dynamic_variables;
  if (!isJsonObject(values)) return null;
  return withoutReserved(values);
}

function parsed(text: string): JsonValue {
  if (shapeFault(Buffer.from(text)) !== null) return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}
