/** The tools of a node as the engine knows them, and their runner. */
import { isStorableText, type JsonObject } from '@dograh-trigger/shared';
import { toolFunctionName } from '../../agents/definition/function-names';
import { describeError } from '../../describe-error';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import type { Tool, ToolRunner } from '../engine/tools';
import { parametersSchema } from './arguments';
import { runHttpApi } from './http-api';
import { findTool, type ToolRow } from './store';
import { definitionOf, readDefinition } from './tools';

/** Of a definition. The nodes of one may name more, and the rest is not offered. */
const mostTools = 128;

/**
 * The active tools among these UUIDs, in the order in which they were made.
 * @param uuids of a definition, which may hold anything here.
 */
export async function readNodeTools(
  session: Session,
  organizationId: number,
  uuids: readonly string[],
): Promise<Tool[]> {
  const named = [...new Set(uuids.filter(isStorableText))].slice(0, mostTools);
  // Asked at once, they are one statement on PostgreSQL.
  const found = await Promise.all(named.map((uuid) => findTool(session, organizationId, uuid)));
  const rows = found.filter((row): row is ToolRow => row?.status === 'active');
  return rows.sort((one, other) => one.id - other.id).map(toolOf);
}

function toolOf(row: ToolRow): Tool {
  const definition = definitionOf(row);
  const common = {
    id: row.uuid,
    functionName: toolFunctionName(row.name),
    description: row.description?.trim() ? row.description : `Execute ${row.name} tool`,
  };
  switch (definition.type) {
    case 'http_api': {
      const { parameters, customMessage, customMessageType } = definition.config;
      return {
        ...common,
        kind: 'http_api',
        parameters: parametersSchema(parameters ?? []),
        message: customMessageType === 'audio' ? null : spoken(customMessage),
      };
    }
    case 'end_call': {
      const { endCallReason, endCallReasonDescription, messageType, customMessage } = definition.config;
      const asksReason = endCallReason === true;
      return {
        ...common,
        kind: 'end_call',
        asksReason,
        parameters: asksReason ? reasonSchema(endCallReasonDescription) : parametersSchema([]),
        message: messageType === 'custom' ? spoken(customMessage) : null,
      };
    }
    case 'transfer_call': {
      const {
        destination_source: source,
        destination,
        timeout,
        messageType,
        customMessage,
      } = definition.config;
      return {
        ...common,
        kind: 'transfer_call',
        destination: source === 'context_mapping' ? null : (destination ?? ''),
        timeoutSeconds: timeout ?? 30,
        parameters: parametersSchema([]),
        message: messageType === 'custom' ? spoken(customMessage) : null,
      };
    }
  }
}

function spoken(text: string | null | undefined): string | null {
  return text == null || text.trim() === '' ? null : text;
}

function reasonSchema(description: string | null | undefined): JsonObject {
  return parametersSchema([
    {
      name: 'reason',
      type: 'string',
      required: true,
      description:
        spoken(description) ??
        'Why the call ends, as one word in snake_case, such as not_interested. do_not_call if they do not want to be called again.',
    },
  ]);
}

/** Runs the `http_api` tools of an organization. */
export function toolRunner(
  services: Pick<Services, 'storage' | 'secrets' | 'carrier' | 'clock' | 'log'>,
  organizationId: number,
): ToolRunner {
  return {
    async run({ id }, args, context, callKey) {
      try {
        const definition = await readDefinition(services.storage.read, organizationId, id);
        if (definition.type !== 'http_api') return { status: 'error', error: 'This tool sends no request' };
        return await runHttpApi(services, organizationId, definition.config, { args, context, callKey });
      } catch (error) {
        services.log.error({ tool: id, error: describeError(error) }, 'a tool could not be run');
        return { status: 'error', error: 'The tool could not be run' };
      }
    },
  };
}
