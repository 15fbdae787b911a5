/** The wire contract of Dograh's API, and its typed client. The axios transport is `./axios`. */
export { extractionVariablesOf, type AgentDetails, type ExtractionVariable } from './client/agent-details';
export { cleanApiKey } from './forms/api-key';
export { artifactDownloadUrl, type ArtifactKind, type ArtifactWaitOptions } from './client/artifacts';
export { normalizeBaseUrl } from './forms/base-url';
export type { AddedCampaign, CampaignOrder } from './client/campaigns/add-campaign';
export {
  writeContactList,
  type Contact,
  type ContactList,
  type SkippedContact,
} from './client/campaigns/contact-list';
export type { CampaignMove, MovedCampaign } from './client/campaigns/move-campaign';
export { campaignRetryReasons, retryConfigOf } from './client/campaigns/retry-config';
export type { ShownCampaign, ShownProgress } from './client/campaigns/read-campaign';
export { routingHeaders, type CallRouting, type ReplacedAccount } from './client/call-routing';
export { callListPath, type CallListOptions } from './client/call-list';
export { endedWithoutCarrier, refusalOfRun } from './client/earlier-call';
export { wireRequest, type CallRequest } from './client/call-request';
export { confidentialUrlPattern } from './forms/confidential-url';
export {
  TriggerClient,
  type AgentChoice,
  type Identity,
  type ServerCapabilities,
  type TriggerClientOptions,
} from './client/client';
export * from './contracts';
export { isUnknownRun, isUnknownTrigger, mayRing } from './dograh-words';
export {
  isTriggerError,
  reworded,
  TriggerError,
  triggerErrorCodes,
  type TriggerErrorCode,
  type TriggerErrorOptions,
} from './errors';
export { canonicalJson } from './client/canonical-json';
export { idempotencyKey, sha256Hex } from './client/idempotency';
export { hasMarkOfKey } from './client/marks';
export {
  fieldRefusal,
  fieldText,
  parseJsonField,
  readEnvironmentField,
  readIdField,
  readPhoneNumberField,
  readTriggerReferenceField,
  readVoicemailFields,
  readWaitingField,
} from './forms/input-fields';
export { isKnownCountry, knownCountries } from './forms/national-number';
export { readRedialFields } from './forms/redial-fields';
export { nestVariables } from './forms/nested-variables';
export { mapInParallel } from './client/parallel';
export { cleanPhoneNumber, parsePhoneNumber, type PhoneNumberCheck } from './forms/phone-number';
export type { PlacedCall } from './client/place-call';
export { callOfRun } from './client/placed-run';
export { reservedNames } from './forms/reserved-names';
export { hasUntrustedCertificate } from './client/responses';
export type { CallOfStep, StepOfCall } from './client/step-call';
export { plainError, type PlainError } from './plain-error';
export { redact } from './redact';
export { withAbsoluteLinks, type ReadRunOptions } from './client/read-run';
export { reasonTexts, waitingText } from './run-texts';
export { isSandboxCall, summarizeListedRun, summarizeRun, type RunSummary } from './client/run-summary';
export type { CallSubscription } from './client/subscriptions';
export { pythonText } from './template/python';
export {
  hasTooManyPlaces,
  isFilled,
  lookUp,
  maximumRenderedLength,
  maximumPlaces,
  renderTemplate,
  renderText,
  tooManyPlaces,
  type RenderOptions,
} from './template/render';
export { renderUrl } from './template/url';
export {
  listSpokenVariables,
  listTemplateVariables,
  listTextVariables,
  serverVariableNames,
  type TemplateVariable,
} from './template/variables';
export { parseTranscript, utterancesIn, type Utterance } from './client/transcript';
export type { HttpRequest, HttpResponse, Transport } from './client/transport';
export {
  parseTriggerReference,
  triggerPath,
  type CallTarget,
  type Environment,
  type TriggerReference,
} from './trigger-url';
export { hasEnded, type RunOutcome, type WaitOptions } from './client/wait-for-run';
export {
  signWebhook,
  verifyWebhook,
  type ReceivedWebhook,
  type SignedMessage,
  type WebhookVerdict,
} from './webhook-signature';
