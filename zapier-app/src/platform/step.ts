/** What every step has in common: a client for its connection, and errors that Zapier treats rightly. */
import type { TriggerClient } from '@dograh-trigger/shared';
import type { Bundle, ZObject } from 'zapier-platform-core';
import { createClient, type ClientOptions } from './client';
import { startDeadline, type Deadline } from './deadline';
import { toZapierError } from './errors';

type Input = Record<string, unknown>;

/** The parts of `bundle.meta` that the app reads. Outside production it may be missing. */
interface StepMeta {
  /** The Zap that runs. Zapier does not always say. */
  zap?: { id?: string | number };
  /** A person presses "Test" in the editor. */
  isLoadingSample?: boolean;
  /** Which page of a dropdown is asked for, from 0. */
  page?: number;
}

/**
 * A `perform` function that does `work` with a client and throws Zapier's errors instead of TriggerError.
 *
 * @param work gets the step's deadline, which the client keeps, for what it does without the client.
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

/** The `perform` function of a hidden trigger that fills a dropdown from a list that comes in one piece. */
export function dropdownStep<I extends Input, Choice>(
  work: (client: TriggerClient, bundle: Bundle<I>) => Promise<Choice[]>,
) {
  return step<I, Choice[]>(async (client, bundle) =>
    // The editor asks for pages until one is empty.
    (stepMeta(bundle).page ?? 0) > 0 ? [] : work(client, bundle),
  );
}

/** What such a choice has: the value of the field and what the editor shows of it. */
export const choiceFields = [
  { key: 'id', label: 'ID', type: 'string', primary: true },
  { key: 'name', label: 'Name', type: 'string' },
] as const;

export function stepMeta(bundle: { meta?: StepMeta }): StepMeta {
  return bundle.meta ?? {};
}
