/** The tools of an organization. They are archived, and never deleted: nodes of old versions may name them. */
import {
  toolStatuses,
  toolTypes,
  type CreateToolRequest,
  type Tool,
  type ToolDefinition,
  type ToolStatus,
  type ToolType,
  type UpdateToolRequest,
} from '@dograh-trigger/shared';
import { readUser } from '../../accounts/users';
import { recordAudit, type Actor } from '../../audit/audit';
import type { NamedTools } from '../../agents/definition/named-tools';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { parseObject } from '../../storage/columns';
import type { Session, WriteSession } from '../../storage/port';
import { checkDefinition, checkName } from './definition-rules';
import { countTools, findTool, insertTool, listNames, listTools, updateTool, type ToolRow } from './store';

/** The most tools of an organization that are not archived. */
const mostTools = 500;

/** @throws Problem unprocessable; not_found for a credential that the organization does not have. */
export async function addTool(
  services: Pick<Services, 'storage' | 'clock' | 'chance' | 'carrier'>,
  actor: Actor,
  request: CreateToolRequest,
): Promise<Tool> {
  const { definition } = request;
  const category = request.category ?? definition.type;
  if (category !== definition.type) {
    const msg = `Value error, category must match definition.type ('${definition.type}')`;
    throw new Problem('unprocessable', [
      { type: 'value_error', loc: ['body', 'category'], msg, input: null },
    ]);
  }
  checkName(request.name);
  const uuid = services.chance.uuid();
  const row = {
    uuid,
    organization_id: actor.organizationId,
    name: request.name,
    description: request.description ?? null,
    category,
    icon: request.icon,
    icon_color: request.icon_color,
    status: 'active',
    created_by: actor.userId,
    created_at: services.clock.now().toISOString(),
    updated_at: null,
    definition: JSON.stringify(definition),
  } as const;
  return services.storage.write(async (session) => {
    await checkDefinition(services, session, actor.organizationId, definition);
    await requireRoom(session, actor.organizationId);
    await insertTool(session, row);
    await recordAudit(services, session, actor, { action: 'tool.created', subjectId: uuid });
    return present(await requireTool(session, actor.organizationId, uuid));
  });
}

/** @throws Problem unprocessable when the organization has as many tools as it may have. */
async function requireRoom(session: WriteSession, organizationId: number): Promise<void> {
  await session.lock('organization', organizationId);
  if ((await countTools(session, organizationId)) < mostTools) return;
  throw new Problem(
    'unprocessable',
    `An organization can have ${mostTools} tools at most. Archive one that no agent uses.`,
  );
}

/**
 * Changes the given fields. The category never changes, as in Dograh.
 * @throws Problem not_found, unprocessable.
 */
export async function changeTool(
  services: Pick<Services, 'storage' | 'clock' | 'carrier'>,
  actor: Actor,
  uuid: string,
  request: UpdateToolRequest,
): Promise<Tool> {
  if (typeof request.name === 'string') checkName(request.name);
  return services.storage.write(async (session) => {
    const { organizationId } = actor;
    const before = await requireTool(session, organizationId, uuid);
    if (request.definition) await checkDefinition(services, session, organizationId, request.definition);
    const status = request.status ?? before.status;
    if (before.status === 'archived' && status !== 'archived') await requireRoom(session, organizationId);
    const row = {
      ...before,
      name: request.name ?? before.name,
      description: request.description ?? before.description,
      icon: request.icon ?? before.icon,
      icon_color: request.icon_color ?? before.icon_color,
      definition: request.definition ? JSON.stringify(request.definition) : before.definition,
      status,
      updated_at: services.clock.now().toISOString(),
    };
    await updateTool(session, row);
    await recordAudit(services, session, actor, {
      action: 'tool.changed',
      subjectId: uuid,
      changed: Object.entries(request).flatMap(([name, value]) => (value == null ? [] : [name])),
    });
    return withCreator(session, row);
  });
}

/** @throws Problem not_found, also for one that is archived already. */
export async function archiveTool(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  uuid: string,
): Promise<void> {
  await services.storage.write(async (session) => {
    const row = await requireTool(session, actor.organizationId, uuid);
    if (row.status === 'archived') throw notFound();
    const updated_at = services.clock.now().toISOString();
    await updateTool(session, { ...row, status: 'archived', updated_at });
    await recordAudit(services, session, actor, { action: 'tool.archived', subjectId: uuid });
  });
}

/** @throws Problem not_found, also for one that is not archived; unprocessable when there are too many. */
export async function restoreTool(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  uuid: string,
): Promise<Tool> {
  return services.storage.write(async (session) => {
    const before = await requireTool(session, actor.organizationId, uuid);
    if (before.status !== 'archived') throw notFound();
    await requireRoom(session, actor.organizationId);
    const row: ToolRow = { ...before, status: 'active', updated_at: services.clock.now().toISOString() };
    await updateTool(session, row);
    await recordAudit(services, session, actor, { action: 'tool.restored', subjectId: uuid });
    return present(row);
  });
}

/**
 * The tools by name, by default without the archived ones.
 * @param statuses a comma list. @throws Problem bad_request for an unknown status or category.
 */
export async function listOwnTools(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  { status: statuses, category }: { status: string | undefined; category: string | undefined },
): Promise<Tool[]> {
  const chosen = readWords('status', statuses ?? '', toolStatuses);
  const [type] = readWords('category', category ?? '', toolTypes);
  const isListed = (row: ToolRow) =>
    chosen.length === 0 ? row.status !== 'archived' : chosen.includes(row.status);
  const rows = await listTools(services.storage.read, organizationId);
  return rows.filter((row) => isListed(row) && (type === undefined || row.category === type)).map(present);
}

function readWords<Word extends ToolStatus | ToolType>(
  what: 'status' | 'category',
  text: string,
  known: readonly Word[],
): Word[] {
  const words = text.split(',').map((word) => word.trim());
  return words
    .filter((word) => word !== '')
    .map((word) => {
      const found = known.find((one) => one === word);
      if (found !== undefined) return found;
      throw new Problem(
        'bad_request',
        `Invalid ${what} '${word.slice(0, 64)}'. Must be one of: ${known.join(', ')}`,
      );
    });
}

/** @throws Problem not_found. */
export async function readTool(
  { storage }: Pick<Services, 'storage'>,
  organizationId: number,
  uuid: string,
): Promise<Tool> {
  return withCreator(storage.read, await requireTool(storage.read, organizationId, uuid));
}

/** @throws Problem not_found. */
export async function readDefinition(
  session: Session,
  organizationId: number,
  uuid: string,
): Promise<ToolDefinition> {
  return definitionOf(await requireTool(session, organizationId, uuid));
}

/** The names of all tools, for the checks of an agent's definition. */
export async function namedTools(session: Session, organizationId: number): Promise<NamedTools> {
  const rows = await listNames(session, organizationId);
  return new Map(rows.map(({ uuid, name, status }) => [uuid, { name, isActive: status === 'active' }]));
}

/** As it was checked when it was saved. */
export function definitionOf({ definition }: Pick<ToolRow, 'definition'>): ToolDefinition {
  return JSON.parse(definition) as ToolDefinition;
}

async function requireTool(session: Session, organizationId: number, uuid: string): Promise<ToolRow> {
  const row = await findTool(session, organizationId, uuid);
  if (row === undefined) throw notFound();
  return row;
}

function notFound(): Problem {
  return new Problem('not_found', 'Tool not found');
}

async function withCreator(session: Session, row: ToolRow): Promise<Tool> {
  if (row.created_by === null) return present(row);
  const { id, provider_id } = await readUser(session, row.created_by);
  return { ...present(row), created_by: { id, provider_id } };
}

function present(row: ToolRow): Tool {
  return {
    id: row.id,
    tool_uuid: row.uuid,
    name: row.name,
    description: row.description,
    category: row.category,
    icon: row.icon,
    icon_color: row.icon_color,
    status: row.status,
    definition: parseObject(row.definition) ?? {},
    created_at: row.created_at,
    updated_at: row.updated_at,
    created_by: null,
  };
}
