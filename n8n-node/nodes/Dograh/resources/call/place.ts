/** Call: Place. Starts calls and returns as soon as Dograh has accepted them. */
import {
  fieldText,
  readPhoneNumberField,
  readVoicemailFields,
  type CallRequest,
  type JsonObject,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions } from 'n8n-workflow';
import { columnFilter } from '../../runtime/agent-variables';
import { readCallReference } from '../../fields/call-once';
import { countOccurrences, type Callee } from '../../runtime/call-names';
import { clientsOfItems } from '../../runtime/client';
import { readDefaultCountry } from '../../fields/default-country';
import { readSchedule, refuseLaterStart } from '../../fields/schedule-fields';
import { readVariables } from '../../fields/variable-fields';
import { replacedAccountText, showCallHints } from '../../runtime/hints';
import { forEachItem, itemOutput, readPace, type ItemOutcome, type Operation } from '../../runtime/items';
import { openLedger, type LedgerCall } from '../../runtime/ledger';
import { readEnvironment, readId, readSeconds, readTarget } from '../../runtime/parameters';

export const placeCalls: Operation = async (context) => {
  const outcomes = await placeItems(context);
  const placed = outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value.call] : []));
  showCallHints(context, placed);
  return outcomes.map((outcome, itemIndex) => {
    if ('error' in outcome) return outcome;
    const { call, phoneNumber, alreadyPlaced } = outcome.value;
    const json = {
      run_id: call.runId,
      run_name: call.runName,
      agent_id: call.workflowId,
      status: call.status,
      phone_number: phoneNumber,
      already_placed: alreadyPlaced,
      mode: call.mode,
      fallback_from: call.fallbackFrom && replacedAccountText(call.fallbackFrom),
    };
    return { value: itemOutput(itemIndex, json) };
  });
};

/**
 * Places the call of each item once, in batches as the option Batching says.
 *
 * @param longestWaitSeconds how long the node waits for results. A call that would begin later is refused.
 */
export async function placeItems(
  context: IExecuteFunctions,
  longestWaitSeconds = Infinity,
): Promise<ItemOutcome<LedgerCall>[]> {
  const ledger = openLedger(context);
  const columnsFor = columnFilter();
  const clientOf = clientsOfItems(context);
  const occurrences = countOccurrences(
    context.getInputData().map((_item, itemIndex) => tryToReadCallee(context, itemIndex)),
  );
  return forEachItem(context, readPace(context), async (itemIndex) => {
    const callee = readCallee(context, itemIndex);
    const options = context.getNodeParameter('options', itemIndex, {});
    const reference = readCallReference(context, itemIndex);

    const dialTimeoutSeconds = readSeconds('Request Timeout', options.requestTimeoutSeconds);
    const { client, account } = await clientOf({ itemIndex, dialTimeoutSeconds });
    const variables = await readVariables(context, itemIndex, () =>
      columnsFor(client, callee.target, context.getInputData()[itemIndex]?.json ?? {}),
    );
    const request: CallRequest = {
      ...callee,
      initialContext: withGreeting(variables, options.greetingOverride),
      telephonyConfigurationId: readId('Telephony Configuration', options.telephonyConfiguration),
      fromPhoneNumberId: readId('Caller ID', options.callerId),
      language: fieldText(options.language) || undefined,
      voice: fieldText(options.voice) || undefined,
      voicemail: readVoicemailFields(options.voicemail, options.voicemailMessage),
      ...readSchedule(context, itemIndex),
      busyWaitSeconds: readSeconds('Wait When Busy', options.busyWaitSeconds),
      signal: context.getExecutionCancelSignal(),
    };
    refuseLaterStart(request.notBefore, longestWaitSeconds);
    const occurrence = occurrences[itemIndex] ?? 0;
    return ledger.placeOnce(client, { itemIndex, occurrence, account, request, reference });
  });
}

/** @throws TriggerError `invalid_input` */
function readCallee(context: IExecuteFunctions, itemIndex: number): Callee {
  const environment = readEnvironment(context.getNodeParameter('environment', itemIndex));
  const target = readTarget(context.getNodeParameter('agent', itemIndex), environment);
  const { defaultCountry } = context.getNodeParameter('options', itemIndex, {});
  const number = context.getNodeParameter('phoneNumber', itemIndex);
  const phoneNumber = readPhoneNumberField(number, undefined, readDefaultCountry(defaultCountry));
  return { environment, target, phoneNumber };
}

/** Undefined for invalid fields. The item itself reports that error later. */
function tryToReadCallee(context: IExecuteFunctions, itemIndex: number): Callee | undefined {
  try {
    return readCallee(context, itemIndex);
  } catch {
    return undefined;
  }
}

function withGreeting(variables: JsonObject, greetingOverride: unknown): JsonObject {
  const text = fieldText(greetingOverride);
  return text === '' ? variables : { ...variables, greeting_override: { type: 'text', text } };
}
