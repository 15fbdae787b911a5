/** What an entry of the audit trail says, in words. */
import type { AuditEntry } from '@dograh-trigger/shared';

/** `agent.published` of agent 3 → `Agent 3 published`. The server may know more actions than this page. */
export function actionInWords({ action, subject_id: id }: Pick<AuditEntry, 'action' | 'subject_id'>): string {
  const [subject = '', verb = ''] = action.split('.').map((part) => part.replaceAll('_', ' '));
  const name = subject === 'api key' ? 'API key' : `${subject.charAt(0).toUpperCase()}${subject.slice(1)}`;
  return [name, id ?? '', verb].filter((part) => part !== '').join(' ');
}

/** `jane@example.com`, `the key Order system`, `npm run admin -- create-key`; empty where nobody is known. */
export function actorInWords({ user, key, command }: Pick<AuditEntry, 'user' | 'key' | 'command'>): string {
  if (command !== null) return `npm run admin -- ${command}`;
  if (key !== null) return `the key ${key.name}`;
  return user?.email ?? '';
}
