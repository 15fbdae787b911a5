/** How long an organization keeps what. */
import { retentionSettings, type RetentionSettings } from '@dograh-trigger/shared';
import { recordAudit, type Actor } from '../audit/audit';
import type { Services } from '../services';
import { saveQuery, settingsQuery } from './store';

const defaultSettings = retentionSettings.parse({});

/** @param text JSON; null: the default. A setting that is newer than the stored text has its default. */
export function parseSettings(text: string | null): RetentionSettings {
  if (text === null) return defaultSettings;
  return { ...defaultSettings, ...(JSON.parse(text) as Partial<RetentionSettings>) };
}

export async function readSettings(
  { storage }: Pick<Services, 'storage'>,
  organizationId: number,
): Promise<RetentionSettings> {
  const row = await settingsQuery.first(storage.read, { organizationId });
  return parseSettings(row?.settings ?? null);
}

/** Replaces all settings. They are applied within a minute. */
export async function saveSettings(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  settings: RetentionSettings,
): Promise<RetentionSettings> {
  const { organizationId } = actor;
  await storage.write(async (session) => {
    const before = parseSettings((await settingsQuery.first(session, { organizationId }))?.settings ?? null);
    const names = Object.keys(settings) as (keyof RetentionSettings)[];
    await saveQuery.changes(session, {
      organizationId,
      settings: JSON.stringify(settings),
      dueAt: clock.steady().toISOString(),
    });
    const changed = names.filter((name) => settings[name] !== before[name]);
    await recordAudit({ clock }, session, actor, { action: 'retention.changed', changed });
  });
  return settings;
}
