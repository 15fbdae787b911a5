/** What to paste into a terminal, n8n and Zapier to call with an agent's trigger URL. */
import type { JsonObject } from '@dograh-trigger/shared';
import { curlCommand } from '../../../api/curl';

const exampleNumber = '+14155550100';

/** @param variables example values of the agent's variables. */
export function triggerCommand(url: string, variables: JsonObject): string {
  const hasNone = Object.keys(variables).length === 0;
  return curlCommand(url, {
    phone_number: exampleNumber,
    ...(hasNone ? {} : { initial_context: variables }),
  });
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
    { field: 'Phone Number', value: exampleNumber },
  ];
}

/** The fields of the action “Start Call” and of its connection. */
export function zapierEntries(url: string, environment: TriggerEnvironment): Entry[] {
  return [
    { field: 'Connection: Base URL', value: serverOf(url) },
    { field: 'Agent (enter a custom value)', value: url },
    { field: 'Environment', value: environment === 'test' ? 'Test' : 'Production' },
    { field: 'Phone Number', value: exampleNumber },
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
