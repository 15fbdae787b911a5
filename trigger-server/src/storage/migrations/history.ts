/** All migrations, in the order of their numbers. A new migration is a new file and a new entry at the end. */
import { migration as m0001 } from './0001_accounts_agents_calls';
import { migration as m0002 } from './0002_real_carriers';
import { migration as m0003 } from './0003_usage';
import { migration as m0004 } from './0004_webhooks';
import { migration as m0005 } from './0005_artifacts';
import { migration as m0006 } from './0006_deliveries_by_status';
import { migration as m0007 } from './0007_due_deliveries';
import { migration as m0008 } from './0008_no_silent_lie';
import { migration as m0009 } from './0009_hook_events';
import { migration as m0010 } from './0010_organization_run_counts';
import { migration as m0012 } from './0012_secrets_canaries';
import { migration as m0014 } from './0014_sessions';
import { migration as m0016 } from './0016_clock';
import { migration as m0017 } from './0017_clock_mark';
import { migration as m0018 } from './0018_key_lifetime';
import { migration as m0019 } from './0019_long_greetings';
import { migration as m0020 } from './0020_answered_steady';
import { migration as m0021 } from './0021_several_callback_urls';
import { migration as m0022 } from './0022_follow_ups';
import { migration as m0023 } from './0023_processes';
import { migration as m0024 } from './0024_language_and_voice';
import { migration as m0025 } from './0025_calls_by_carrier_id';
import { migration as m0026 } from './0026_voicemail';
import { migration as m0027 } from './0027_console';
import { migration as m0028 } from './0028_ringing_steady';
import { migration as m0029 } from './0029_sources_of_calls';
import { migration as m0030 } from './0030_verified_accounts';
import { migration as m0031 } from './0031_changes';
import { migration as m0032 } from './0032_sent_headers';
import { migration as m0033 } from './0033_demo_organization';
import { migration as m0034 } from './0034_password_reset';
import { migration as m0036 } from './0036_open_run_counts';
import { migration as m0038 } from './0038_leases';
import { migration as m0040 } from './0040_retention';
import { migration as m0042 } from './0042_audit';
import { migration as m0043 } from './0043_key_scopes';
import { migration as m0045 } from './0045_commit_marks';
import { migration as m0047 } from './0047_traces';
import { migration as m0048 } from './0048_calling_windows';
import { migration as m0049 } from './0049_number_calls';
import { migration as m0050 } from './0050_do_not_call';
import { migration as m0052 } from './0052_campaign_files';
import { migration as m0054 } from './0054_queued_calls';
import { migration as m0055 } from './0055_runs_of_a_reference';
import { migration as m0056 } from './0056_attempts';
import { migration as m0057 } from './0057_earlier_seconds';
import { migration as m0059 } from './0059_campaigns';
import { migration as m0060 } from './0060_attempts_by_call';
import { migration as m0061 } from './0061_queued_run_count';
import { migration as m0062 } from './0062_late_results';
import { migration as m0064 } from './0064_reported_usage';
import { migration as m0065 } from './0065_fewer_row_checks';
import { migration as m0066 } from './0066_talks';
import { migration as m0067 } from './0067_model_configurations';
import { migration as m0068 } from './0068_tools';
import { migration as m0069 } from './0069_text_chats';
import { migration as m0070 } from './0070_talks_by_default';
import { migration as m0071 } from './0071_talks_by_documents';
import { migration as m0072 } from './0072_talks_by_relay';
import type { Migration } from './migration';

export const migrations: readonly Migration[] = [
  m0001,
  m0002,
  m0003,
  m0004,
  m0005,
  m0006,
  m0007,
  m0008,
  m0009,
  m0010,
  m0012,
  m0014,
  m0016,
  m0017,
  m0018,
  m0019,
  m0020,
  m0021,
  m0022,
  m0023,
  m0024,
  m0025,
  m0026,
  m0027,
  m0028,
  m0029,
  m0030,
  m0031,
  m0032,
  m0033,
  m0034,
  m0036,
  m0038,
  m0040,
  m0042,
  m0043,
  m0045,
  m0047,
  m0048,
  m0049,
  m0050,
  m0052,
  m0054,
  m0055,
  m0056,
  m0057,
  m0059,
  m0060,
  m0061,
  m0062,
  m0064,
  m0065,
  m0066,
  m0067,
  m0068,
  m0069,
  m0070,
  m0071,
  m0072,
];

/** The newest migration when PostgreSQL came: no PostgreSQL database has rows that are older. */
export const firstPostgresMigration = '0025_calls_by_carrier_id';
