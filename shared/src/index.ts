/** The wire contract of Dograh's API and the client that speaks it. The axios transport is `./axios`. */
export type { AgentDetails } from './agent-details';
export { cleanApiKey } from './api-key';
export { artifactDownloadUrl, type ArtifactKind, type ArtifactWaitOptions } from './artifacts';
export { normalizeBaseUrl } from './base-url';
export { callFactHeaders, type CallFacts, type ReplacedAccount } from './call-facts';
export type { CallListOptions } from './call-list';
export { wireRequest, type CallRequest } from './call-request';
export { confidentialUrlPattern } from './confidential-url';
export {
  TriggerClient,
  type AgentChoice,
  type Identity,
  type ServerCapabilities,
  type TriggerClientOptions,
} from './client';
export * from './contracts';
export {
  isTriggerError,
  reworded,
  TriggerError,
  triggerErrorCodes,
  type TriggerErrorCode,
  type TriggerErrorFacts,
} from './errors';
export { canonicalJson, hasMarkOfKey, idempotencyKey, sha256Hex, type StepNames } from './idempotency';
export {
  fieldRefusal,
  fieldText,
  parseJsonField,
  readEnvironmentField,
  readIdField,
  readPhoneNumberField,
  readTriggerReferenceField,
} from './input-fields';
export { isKnownCountry, knownCountries } from './national-number';
export { nestVariables } from './nested-variables';
export { mapInParallel } from './parallel';
export { cleanPhoneNumber, parsePhoneNumber, type PhoneNumberCheck } from './phone-number';
export type { PlacedCall } from './place-call';
export { callOfRun } from './placed-run';
export { reservedNames } from './reserved-names';
export { hasUntrustedCertificate } from './responses';
export type { CallOfStep, StepOfCall } from './step-call';
export { plainError, type PlainError } from './plain-error';
export { redact } from './redact';
export { withAbsoluteLinks, type ReadRunOptions } from './read-run';
export { isSandboxCall, summarizeListedRun, summarizeRun, type RunSummary } from './run-summary';
export type { CallSubscription } from './subscriptions';
export {
  hasTooManyPlaces,
  isFilled,
  maximumRenderedLength,
  mostPlaces,
  renderTemplate,
  renderText,
  tooManyPlaces,
  type RenderOptions,
} from './template';
export {
  listSpokenVariables,
  listTemplateVariables,
  listTextVariables,
  serverVariableNames,
  type TemplateVariable,
} from './template-variables';
export { parseTranscript, type Utterance } from './transcript';
export type { HttpRequest, HttpResponse, Transport } from './transport';
export {
  parseTriggerReference,
  triggerPath,
  type CallTarget,
  type Environment,
  type TriggerReference,
} from './trigger-url';
export { hasEnded, type RunOutcome, type WaitOptions } from './wait-for-run';
export {
  signWebhook,
  verifyWebhook,
  type ReceivedWebhook,
  type SignedMessage,
  type WebhookVerdict,
} from './webhook-signature';
