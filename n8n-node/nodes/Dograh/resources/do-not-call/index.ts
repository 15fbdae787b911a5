/** The resource Do Not Call: adds numbers to the list of those that are never called, and reads it. */
import { fieldText, readPhoneNumberField, type DoNotCallEntry } from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { defaultCountryOption, readDefaultCountry } from '../../fields/default-country';
import { createClient } from '../../runtime/client';
import { forEachItem, itemOutput, tenAtOnce, type Operation } from '../../runtime/items';
import { readDate } from '../../runtime/parameters';

const resource = ['doNotCall'];

function optionsField(operation: string, options: INodeProperties[]): INodeProperties {
  return {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add Option',
    default: {},
    displayOptions: { show: { resource, operation: [operation] } },
    options,
  };
}

export const doNotCallDescription: INodeProperties[] = [
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'add',
    displayOptions: { show: { resource } },
    options: [
      {
        name: 'Add',
        value: 'add',
        action: 'Add number to do not call list',
        description: 'Never call a number again. Only a person who is signed in can remove it.',
      },
      {
        name: 'Check',
        value: 'check',
        action: 'Check number on do not call list',
        description: 'Read whether a number must not be called',
      },
    ],
  },
  {
    displayName: 'Phone Number',
    name: 'phoneNumber',
    type: 'string',
    required: true,
    default: '',
    placeholder: 'e.g. +14155550100',
    description: 'The number, with + and its country code',
    displayOptions: { show: { resource } },
  },
  optionsField('add', [
    defaultCountryOption,
    {
      displayName: 'Reason',
      name: 'reason',
      type: 'string',
      default: '',
      placeholder: 'e.g. Asked by e-mail',
      description: 'Why the number must not be called',
    },
    {
      displayName: 'Until',
      name: 'until',
      type: 'dateTime',
      default: '',
      description: 'From then on the number may be called again. Leave it empty for never.',
    },
  ]),
  optionsField('check', [defaultCountryOption]),
];

function readNumber(context: IExecuteFunctions, itemIndex: number): string {
  const { defaultCountry } = context.getNodeParameter('options', itemIndex, {});
  const number = context.getNodeParameter('phoneNumber', itemIndex);
  return readPhoneNumberField(number, undefined, readDefaultCountry(defaultCountry));
}

const addNumbers: Operation = (context) =>
  forEachItem(context, tenAtOnce, async (itemIndex) => {
    const number = readNumber(context, itemIndex);
    const { reason, until } = context.getNodeParameter('options', itemIndex, {});
    const client = await createClient(context, { itemIndex });
    const entry = await client.addToDoNotCall(number, {
      source: 'n8n',
      reason: fieldText(reason) || null,
      until: readDate('Until', until, context.getTimezone())?.toISOString() ?? null,
    });
    return itemOutput(itemIndex, show(number, entry));
  });

const checkNumbers: Operation = (context) =>
  forEachItem(context, tenAtOnce, async (itemIndex) => {
    const number = readNumber(context, itemIndex);
    const client = await createClient(context, { itemIndex });
    return itemOutput(itemIndex, show(number, await client.findDoNotCall(number)));
  });

/** An entry that has run out no longer forbids calls. */
function show(number: string, entry: DoNotCallEntry | null): IDataObject {
  return {
    phone_number: number,
    do_not_call: entry?.is_active ?? false,
    reason: entry?.reason ?? null,
    source: entry?.source ?? null,
    until: entry?.until ?? null,
    added_at: entry?.added_at ?? null,
  };
}

export const doNotCallOperations: ReadonlyMap<string, Operation> = new Map([
  ['add', addNumbers],
  ['check', checkNumbers],
]);
