/** The input fields for the contacts of a campaign, and the list that is made of them. */
import {
  fieldRefusal,
  fieldText,
  largestCampaignFile,
  mostSkippedListed,
  writeContactList,
  type ShownCampaign,
} from '@dograh-trigger/shared';
import { defineInputFields, type Bundle, type PlainInputField, type ZObject } from 'zapier-platform-core';
import { defaultCountryField, readDefaultCountry } from '../call/phone-number';
import { agentVariableFields, enteredVariables } from '../call/variables';
import type { Deadline } from '../platform/deadline';
import { downloadBytes } from '../platform/download';

const listLabel = 'Contacts';
const fileLabel = 'CSV File';

const [numberField, fileField] = defineInputFields([
  {
    key: 'phone_number',
    label: 'Phone Number',
    type: 'string',
    required: false,
    helpText:
      'Map the line items of a step that has several rows, such as `+14155550100`, and the other columns below. A number that comes twice is called once.',
  },
  {
    key: 'contacts_file',
    label: fileLabel,
    type: 'file',
    required: false,
    helpText:
      'In place of Contacts: a CSV file in UTF-8 of at most 10 MB. Its column `phone_number` has numbers with `+`, and its other ' +
      'columns fill the agent’s variables of the same names.',
  },
]);

/** Line items, with a column for each variable of the chosen agent. */
async function lineItems(
  z: ZObject,
  bundle: Pick<Bundle, 'authData' | 'inputData'>,
): Promise<PlainInputField[]> {
  const fields = await agentVariableFields(z, bundle);
  const notes = fields.filter(({ type }) => type === 'copy');
  // A column has one value, so it cannot fill a variable inside another one.
  const columns = fields.filter(({ type, label = '' }) => type !== 'copy' && !label.includes('.'));
  return [{ key: 'contacts', label: listLabel, children: [numberField, ...columns] }, ...notes];
}

export const contactFields = [lineItems, fileField, defaultCountryField] as const;

/** A contact that is not called. */
export interface SkippedContact {
  /** Its place in the list, from 1; of a file the line. */
  row: number;
  code: string;
  /** What to change. */
  detail: string;
}

export interface ContactsOfStep {
  csv: string;
  /** How many contacts are not called, and the first of them. */
  skippedOf: (campaign: ShownCampaign) => { count: number; first: SkippedContact[] };
}

/** @throws TriggerError */
export async function readContacts(
  z: ZObject,
  input: Record<string, unknown>,
  deadline: Deadline,
): Promise<ContactsOfStep> {
  const items = itemsOf(input.contacts);
  const file = fieldText(input.contacts_file);
  const country = readDefaultCountry(input);
  if (items.length > 0 === (file !== '')) {
    throw fieldRefusal(
      listLabel,
      `map line items with phone numbers, or choose a ${fileLabel}; one of the two`,
    );
  }
  return items.length > 0 ? contactsOfItems(items, country) : contactsOfFile(z, file, deadline);
}

/** Zapier has one empty item where nothing was mapped. */
function itemsOf(value: unknown): Record<string, unknown>[] {
  const items = Array.isArray(value) ? value.filter(isObject) : [];
  return items.some((item) => Object.values(item).some((cell) => fieldText(cell) !== '')) ? items : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function contactsOfItems(items: Record<string, unknown>[], country: string | undefined): ContactsOfStep {
  const list = writeContactList(
    items.map((item) => ({
      phoneNumber: item.phone_number,
      values: Object.fromEntries(enteredVariables(item)),
    })),
    country,
  );
  const skipped = list.skipped.map(({ index, code, detail }) => ({ row: index + 1, code, detail }));
  if (list.count === 0) {
    throw fieldRefusal(listLabel, `none of them can be called; the first one: ${skipped[0]?.detail ?? ''}`);
  }
  return {
    csv: list.csv,
    skippedOf: ({ skipped: byServer = [], skipped_rows: count = 0 }) => ({
      count: skipped.length + count,
      first: [
        ...skipped,
        ...byServer.map(({ line, code, detail }) => ({
          row: (list.indexOfLine(line) ?? 0) + 1,
          code,
          detail,
        })),
      ]
        .sort((left, right) => left.row - right.row)
        .slice(0, mostSkippedListed),
    }),
  };
}

/** @param file its address, or its text. */
async function contactsOfFile(z: ZObject, file: string, deadline: Deadline): Promise<ContactsOfStep> {
  const csv = /^https?:\/\/\S+$/i.test(file)
    ? textOf(await downloadBytes(z, file, deadline, largestCampaignFile))
    : file;
  return {
    csv,
    skippedOf: ({ skipped = [], skipped_rows: count = 0 }) => ({
      count,
      first: skipped.map(({ line, code, detail }) => ({ row: line, code, detail })),
    }),
  };
}

/** @throws TriggerError `invalid_input` */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fieldRefusal(fileLabel, 'it is not in UTF-8; save it as CSV UTF-8');
  }
}
