/** What a tool must keep beyond the shape of its fields, so that it can be offered and sent. */
import {
  hasTooManyPlaces,
  maximumPlaces,
  type HttpApiConfig,
  type ToolDefinition,
  type TransferCallConfig,
  type ValidationItem,
} from '@dograh-trigger/shared';
import { longestFunctionName, toolFunctionName } from '../../agents/definition/function-names';
import { isHeaderName, isHeaderValue, isSecretName } from '../../events/credentials/custom-headers';
import { hasCredential } from '../../events/credentials/credentials';
import { assertReachable } from '../../events/private-target';
import { Problem } from '../../problem';
import { comparable } from './transfer-rules';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';

const mostHeaders = 50;
const mostBytes = 64 * 1024;

type Fault = (path: (string | number)[], msg: string) => void;

/** @throws Problem unprocessable: a model could not call a tool of this name. */
export function checkName(name: string): void {
  const { length } = toolFunctionName(name);
  if (length > 0 && length <= longestFunctionName) return;
  const msg =
    length === 0
      ? 'A model could not call a tool of this name: it needs a letter or a digit of ASCII'
      : `A model could not call a tool of this name: at most ${longestFunctionName} letters, digits and spaces can be used`;
  throw new Problem('unprocessable', [item(['name'], msg)]);
}

/**
 * @throws Problem unprocessable for what could never be sent; not_found for a credential that the organization does not
 * have.
 */
export async function checkDefinition(
  services: Pick<Services, 'carrier'>,
  session: Session,
  organizationId: number,
  definition: ToolDefinition,
): Promise<void> {
  const faults: ValidationItem[] = [];
  const fault: Fault = (path, msg) => {
    faults.push(item(['definition', ...path], msg));
  };
  if (Buffer.byteLength(JSON.stringify(definition)) > mostBytes) {
    fault([], `A definition can have ${mostBytes / 1024} KiB at most`);
  }
  if (definition.type === 'http_api') checkRequest(definition.config, fault);
  if (definition.type === 'transfer_call') checkTransfer(definition.config, fault);
  if (faults.length > 0) throw new Problem('unprocessable', faults);
  if (definition.type !== 'http_api') return;
  assertReachable(services, 'definition', definition.config.url);
  const { credential_uuid: credential } = definition.config;
  if (typeof credential !== 'string' || credential === '') return;
  if (await hasCredential(session, organizationId, credential)) return;
  throw new Problem(
    'not_found',
    `Credential '${credential}' was not found in this organization. Store it first (POST /credentials/).`,
  );
}

function checkTransfer(config: TransferCallConfig, fault: Fault): void {
  if (config.destination_source !== 'context_mapping') return;
  if (config.context_mapping == null) {
    fault(['config', 'context_mapping'], 'A destination by context needs its rules');
    return;
  }
  for (const [index, { routes }] of config.context_mapping.rules.entries()) {
    const values = routes.map(({ context_value: value }) => comparable(value));
    if (new Set(values).size === values.length) continue;
    const msg = 'Each value can have one route; upper and lower case do not count';
    fault(['config', 'context_mapping', 'rules', index, 'routes'], msg);
  }
}

function checkRequest(config: HttpApiConfig, fault: Fault): void {
  const host = /^[^/?#]*\/*([^/?#\\]*)/.exec(config.url)?.[1] ?? '';
  if (/[{}|]/.test(host)) {
    fault(['config', 'url'], 'Only the path and the query may have places to fill in, not the host');
  }
  if (hasTooManyPlaces(config.url) || hasTooManyPlaces(config.body_template ?? null)) {
    fault(['config'], `A request can have ${maximumPlaces} places to fill in at most`);
  }
  checkHeaders(Object.entries(config.headers ?? {}), fault);
  const declared = new Set<string>();
  checkNames('parameters', config.parameters ?? [], declared, fault);
  checkNames('preset_parameters', config.preset_parameters ?? [], declared, fault);
}

function checkHeaders(headers: [string, string][], fault: Fault): void {
  if (headers.length > mostHeaders) {
    fault(['config', 'headers'], `A request can have ${mostHeaders} headers of its own at most`);
    return;
  }
  for (const [name, value] of headers) {
    const place = ['config', 'headers', name.slice(0, 64)];
    if (!isHeaderName(name)) fault(place, 'This header cannot be set');
    else if (isSecretName(name)) {
      fault(place, 'A secret belongs into a stored credential: make one, and name it in credential_uuid');
    } else if (!isHeaderValue(value)) fault(place, 'Input should be at most 8192 printable ASCII characters');
  }
}

/** @param seen the names before, and these. A name in both lists would let the callee's words choose what is preset. */
function checkNames(
  field: string,
  parameters: readonly { name: string }[],
  seen: Set<string>,
  fault: Fault,
): void {
  for (const [index, { name }] of parameters.entries()) {
    if (seen.has(name)) fault(['config', field, index, 'name'], 'Two parameters have the same name');
    seen.add(name);
  }
}

function item(path: (string | number)[], msg: string): ValidationItem {
  return { type: 'value_error', loc: ['body', ...path], msg, input: null };
}
