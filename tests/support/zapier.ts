/** Runs the Zapier app as Zapier does: through zapier-platform-core, with a bundle, against a real server. */
import * as core from 'zapier-platform-core';
import app from '../../zapier-app/src/index';

export const apiKey = 'dgr_zapier-test';

type Handler = (event: { command: string; bundle?: object; calledFromCli?: boolean }) => Promise<{
  results: unknown;
}>;

/** `createAppHandler` is missing in the platform's typings. */
const { createAppHandler } = core as typeof core & { createAppHandler: (app: object) => Handler };

/** Runs a `perform` function of the app, found by identity, with the checks that Zapier makes of its result. */
export const appTester = core.createAppTester(app);

/** Answers one of the platform's own commands, such as `validate`, about the app. */
export async function runCommand(command: string): Promise<unknown> {
  return (await createAppHandler(app)({ command, bundle: {}, calledFromCli: true })).results;
}

/** A bundle as in a live run, for a connection to `baseUrl`. */
export function makeBundle<Input extends Record<string, unknown>>(
  baseUrl: string,
  inputData: Input,
  meta: { zap?: { id: string }; isLoadingSample?: boolean; page?: number } = {},
) {
  return { authData: { base_url: baseUrl, api_key: apiKey }, inputData, meta: { ...liveMeta, ...meta } };
}

const liveMeta = { isLoadingSample: false, isFillingDynamicDropdown: false, page: 0, limit: -1 };

export interface StepFailure {
  /** The class of error, which decides what Zapier does. */
  name: string;
  /** What the user reads. */
  message: string;
  /** Seconds until Zapier tries again, of a ThrottledError. */
  delay?: number;
  code?: string;
  status?: number;
}

/** What a step failed with. Zapier packs the facts of some classes into the message as JSON. */
export async function failureOf(step: Promise<unknown>): Promise<StepFailure> {
  const error = await step.then(
    () => new Error('The step did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new TypeError('The step threw something that is no Error');
  return readFailure(error);
}

export function readFailure({ name, message }: Error): StepFailure {
  if (name !== 'AppError' && name !== 'ThrottledError') return { name, message };
  return {
    name,
    ...(JSON.parse(message) as { message: string; delay?: number; code?: string; status?: number }),
  };
}
