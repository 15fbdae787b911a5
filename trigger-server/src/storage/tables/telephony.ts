import type { Generated } from 'kysely';

export interface TelephonyConfigurationTable {
  id: Generated<number>;
  organization_id: number;
  name: string;
  provider: string;
  /** The provider's configuration as JSON, encrypted with AES-256-GCM. */
  credentials: string;
  is_default_outbound: number;
  inactive_since: string | null;
  inactive_reason: string | null;
  /** `AccountVerification` as JSON: the carrier's last answer about these credentials. */
  verification: string | null;
  created_at: string;
  updated_at: string;
}

export interface PhoneNumberTable {
  id: Generated<number>;
  organization_id: number;
  telephony_configuration_id: number;
  address: string;
  address_normalized: string;
  address_type: 'pstn' | 'sip_uri' | 'sip_extension';
  country_code: string | null;
  label: string | null;
  is_active: number;
  is_default_caller_id: number;
  extra_metadata: string;
  created_at: string;
  updated_at: string;
}
