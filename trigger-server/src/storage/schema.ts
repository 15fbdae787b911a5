/**
 * The tables as Kysely sees them. Columns are TEXT and INTEGER only, so that every supported database agrees:
 * instants are ISO 8601 text in UTC with milliseconds, flags are 0 or 1, objects are JSON text.
 */
import type {
  OrganizationTable,
  UserTable,
  SessionTable,
  SignInLinkTable,
  ApiKeyTable,
} from './tables/accounts';
import type { AgentTable, DefinitionTable, TriggerPathTable } from './tables/agents';
import type { AwaitedRecordingTable, RemovedFileTable, UnwantedRecordingTable } from './tables/artifacts';
import type { AuditTable } from './tables/audit';
import type {
  AccountTurnTable,
  ApiKeyDayTable,
  CallPlanTable,
  DoNotCallTable,
  IdempotencyKeyTable,
  LateResultsTable,
  NumberCallTable,
} from './tables/calls';
import type { CampaignFileTable, CampaignRowTable, CampaignTable } from './tables/campaigns';
import type { ChangeTable } from './tables/console';
import type { ModelConfigurationTable, TalkTable, TextChatTable, ToolTable } from './tables/conversations';
import type {
  WebhookSecretTable,
  WebhookCredentialTable,
  HookTable,
  HookTestTable,
  CallbackUrlTable,
  WebhookDeliveryTable,
  WebhookAttemptTable,
} from './tables/events';
import type { RetentionTable } from './tables/retention';
import type { AttemptTable, QueueLaneTable, RunTable, RunEventTable } from './tables/runs';
import type { ClockTable, CommitMarkTable, SecretsCanaryTable } from './tables/storage';
import type { TelephonyConfigurationTable, PhoneNumberTable } from './tables/telephony';
import type { DispositionCodeTable } from './tables/usage';
import type { LeaseTable, ProcessTable } from './tables/workers';

/** Which folder (or file) of this name owns which tables. Only the owner changes them; a test checks that. */
interface TablesByOwner {
  accounts: {
    organizations: OrganizationTable;
    users: UserTable;
    sessions: SessionTable;
    sign_in_links: SignInLinkTable;
    api_keys: ApiKeyTable;
  };
  agents: { agents: AgentTable; definitions: DefinitionTable; trigger_paths: TriggerPathTable };
  artifacts: {
    awaited_recordings: AwaitedRecordingTable;
    removed_files: RemovedFileTable;
    unwanted_recordings: UnwantedRecordingTable;
  };
  audit: { audit: AuditTable };
  calls: {
    idempotency_keys: IdempotencyKeyTable;
    api_key_days: ApiKeyDayTable;
    do_not_call: DoNotCallTable;
    number_calls: NumberCallTable;
    call_plans: CallPlanTable;
    account_turns: AccountTurnTable;
    late_results: LateResultsTable;
    campaigns: CampaignTable;
    campaign_files: CampaignFileTable;
    campaign_rows: CampaignRowTable;
  };
  console: { changes: ChangeTable };
  conversations: {
    talks: TalkTable;
    text_chats: TextChatTable;
    tools: ToolTable;
    model_configurations: ModelConfigurationTable;
  };
  jumps: { clock: ClockTable };
  retention: { retention: RetentionTable };
  runs: { runs: RunTable; run_events: RunEventTable; attempts: AttemptTable; queue_lanes: QueueLaneTable };
  storage: { secrets_canaries: SecretsCanaryTable; commit_marks: CommitMarkTable };
  telephony: { telephony_configurations: TelephonyConfigurationTable; phone_numbers: PhoneNumberTable };
  usage: { disposition_codes: DispositionCodeTable };
  workers: { processes: ProcessTable; leases: LeaseTable };
  events: {
    webhook_secrets: WebhookSecretTable;
    webhook_credentials: WebhookCredentialTable;
    hooks: HookTable;
    hook_tests: HookTestTable;
    callback_urls: CallbackUrlTable;
    webhook_deliveries: WebhookDeliveryTable;
    webhook_attempts: WebhookAttemptTable;
  };
}

export type Database = TablesByOwner['accounts'] &
  TablesByOwner['agents'] &
  TablesByOwner['artifacts'] &
  TablesByOwner['audit'] &
  TablesByOwner['calls'] &
  TablesByOwner['console'] &
  TablesByOwner['conversations'] &
  TablesByOwner['jumps'] &
  TablesByOwner['retention'] &
  TablesByOwner['runs'] &
  TablesByOwner['storage'] &
  TablesByOwner['telephony'] &
  TablesByOwner['usage'] &
  TablesByOwner['workers'] &
  TablesByOwner['events'];
