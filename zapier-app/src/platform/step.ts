/** Common parts of all steps: a client for the connection, and conversion to Zapier's errors. */
import type { TriggerClient } from '@dograh-trigger/shared';
import type { Bundle, ZObject } from 'zapier-platform-core';
import { createClient, type ClientOptions } from './client';
import { startDeadline, type Deadline } from './deadline';
import { toZapierError } from './errors';

type Input = Record<string, unknown>;

/** The parts of `bundle.meta` that the app reads. Outside production it may be missing. */
interface StepMeta {
  /** The Zap that runs. Zapier does not always set it. */
  zap?: { id?: string | number };
  /** Whether a person pressed "Test" in the editor. */
  isLoadingSample?: boolean;
  /** The requested page of a dropdown, from 0. */
  page?: number;
}

/**
 * A `perform` function that runs `work` with a client and converts TriggerErrors to Zapier's errors.
 *
 * @param work the step. The client already keeps the deadline; it is passed for other requests.
 */
export function step<I extends Input, Result>(
  work: (client: TriggerClient, bundle: Bundle<I>, z: ZObject, deadline: Deadline) => Promise<Result>,
  options?: ClientOptions,
) {
  return async (z: ZObject, bundle: Bundle<I>): Promise<Result> => {
    try {
      const deadline = startDeadline();
      return await work(createClient(z, bundle, deadline, options), bundle, z, deadline);
    } catch (error) {
      throw toZapierError(z, error);
    }
  };
}

/** The `perform` function of a hidden trigger that fills a dropdown from an unpaged list. */
export function dropdownStep<I extends Input, Choice>(
  work: (client: TriggerClient, bundle: Bundle<I>) => Promise<Choice[]>,
) {
  return step<I, Choice[]>(async (client, bundle) =>
    // The editor requests pages until one is empty.
    (stepMeta(bundle).page ?? 0) > 0 ? [] : work(client, bundle),
  );
}

/** The fields of a choice: its value, and the name that the editor shows. */
export const choiceFields = [
  { key: 'id', label: 'ID', type: 'string', primary: true },
  { key: 'name', label: 'Name', type: 'string' },
] as const;

export function stepMeta(bundle: { meta?: StepMeta }): StepMeta {
  return bundle.meta ?? {};
}
