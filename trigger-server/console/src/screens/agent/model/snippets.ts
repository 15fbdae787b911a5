/** What to paste into a terminal, n8n and Zapier to call with an agent's trigger URL. */
import type { JsonObject } from '@dograh-trigger/shared';

/** Stands for the reader's own key: the server shows a key once, so it cannot be filled in here. */
export const keyPlaceholder = 'YOUR_API_KEY';

/** In single quotes for a POSIX shell, in which nothing has a meaning but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** @param variables example values of the agent's variables. */
export function curlCommand(url: string, variables: JsonObject): string {
  const body = {
    phone_number: '+14155550100',
    ...(Object.keys(variables).length === 0 ? {} : { initial_context: variables }),
  };
  return [
    `curl -X POST ${quoted(url)}`,
    `-H ${quoted(`X-API-Key: ${keyPlaceholder}`)}`,
    `-H ${quoted('Content-Type: application/json')}`,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ');
}

/** One thing to enter: the name of the field as the other product shows it, and its value. */
export interface Entry {
  field: string;
  value: string;
}

export type TriggerEnvironment = 'test' | 'production';

/** The server's address in a trigger URL. */
export function serverOf(url: string): string {
  return url.replace(/\/api\/v1\/public\/agent\/.*$/, '');
}

/** The fields of the node “Dograh”, operation “Place a call”, and of its credential. */
export function n8nEntries(url: string, environment: TriggerEnvironment): Entry[] {
  return [
    { field: 'Credential “Dograh API”: Base URL', value: serverOf(url) },
    { field: 'Agent, By Trigger URL', value: url },
    { field: 'Environment', value: environment === 'test' ? 'Test' : 'Production' },
    { field: 'Phone Number', value: '+14155550100' },
  ];
}

/** The fields of the action “Start Call” and of its connection. */
export function zapierEntries(url: string, environment: TriggerEnvironment): Entry[] {
  return [
    { field: 'Connection: Base URL', value: serverOf(url) },
    { field: 'Agent (enter a custom value)', value: url },
    { field: 'Environment', value: environment === 'test' ? 'Test' : 'Production' },
    { field: 'Phone Number', value: '+14155550100' },
  ];
}

/**
 * The URL of the trigger node that is on the screen. The server's own URLs are null while the trigger is off; the path
 * and the origin say what they will be.
 * @param known a URL of this server, from which the origin is taken; null where there is none.
 */
export function triggerUrl(
  known: string | null,
  origin: string,
  path: string,
  environment: TriggerEnvironment,
): string {
  const base = known === null ? origin : serverOf(known);
  return `${base}/api/v1/public/agent/${environment === 'test' ? 'test/' : ''}${path}`;
}
