import type { Migration } from './migration';

export const migration: Migration = {
  name: '0005_artifacts',
  statements: () => [
    `ALTER TABLE runs ADD COLUMN is_recorded INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE runs ADD COLUMN has_transcript INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE runs ADD COLUMN recording_key TEXT`,
    `ALTER TABLE runs ADD COLUMN artifacts_ready_at TEXT`,
    `UPDATE runs SET artifacts_ready_at = completed_at, has_transcript = CASE WHEN EXISTS (
      SELECT 1 FROM run_events WHERE run_events.run_id = runs.id AND events LIKE '%"rtf-bot-text"%')
      THEN 1 ELSE 0 END`,
    `CREATE TABLE awaited_recordings (
      run_id INTEGER PRIMARY KEY REFERENCES runs(id), url TEXT, attempts INTEGER NOT NULL,
      next_attempt_at TEXT NOT NULL)`,
    `CREATE INDEX awaited_recordings_by_time ON awaited_recordings (next_attempt_at)`,
  ],
};
