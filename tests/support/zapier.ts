/** Runs the Zapier app through zapier-platform-core, with a bundle and a real server. */
import * as core from 'zapier-platform-core';
import app from '../../zapier-app/src/index';

export const apiKey = 'dgr_zapier-test';

interface PlatformEvent {
  command: string;
  method?: string;
  bundle?: object;
  /** The callback URL of a step. */
  callback_url?: string;
  calledFromCli?: boolean;
}

type Handler = (event: PlatformEvent) => Promise<{
  results: unknown;
  /** `CALLBACK` when the step continues with its `performResume`. */
  status?: string;
}>;

/** `createAppHandler` is missing in the platform's typings. */
const { createAppHandler } = core as typeof core & { createAppHandler: (app: object) => Handler };

export const appTester = core.createAppTester(app);

/**
 * Runs a `perform` function of the app with Zapier's checks of its result. The bundle's input may have any values,
 * as in a real Zap.
 */
export function runStep<Result>(
  perform: (z: core.ZObject, bundle: never) => Promise<Result>,
  bundle: ReturnType<typeof makeBundle>,
): Promise<Result> {
  return appTester(perform as (z: core.ZObject, bundle: core.Bundle) => Promise<Result>, bundle);
}

/** Answers one of the platform's own commands, such as `validate`, about the app. */
export async function runCommand(command: string): Promise<unknown> {
  return (await createAppHandler(app)({ command, bundle: {}, calledFromCli: true })).results;
}

/** Runs a function of the app through the platform, by its path in the definition. */
export function execute(method: string, bundle: object, callbackUrl?: string) {
  return createAppHandler(app)({
    command: 'execute',
    method,
    bundle,
    callback_url: callbackUrl,
    calledFromCli: true,
  });
}

export interface BundleOptions {
  zapId?: string;
  isLoadingSample?: boolean;
  page?: number;
}

/** The bundle of a live run, for a connection to `baseUrl`. */
export function makeBundle(
  baseUrl: string,
  inputData: Record<string, unknown> = {},
  { zapId, isLoadingSample = false, page = 0 }: BundleOptions = {},
) {
  return {
    authData: { base_url: baseUrl, api_key: apiKey },
    inputData,
    meta: {
      isLoadingSample,
      isFillingDynamicDropdown: false,
      page,
      limit: -1,
      ...(zapId !== undefined && { zap: { id: zapId, user: { timezone: 'UTC' } } }),
    },
  };
}

export interface StepFailure {
  /** The class of error, which decides what Zapier does. */
  name: string;
  /** The message for the user. */
  message: string;
  /** Seconds until Zapier tries again, of a ThrottledError. */
  delay?: number;
  code?: string;
  status?: number;
}

/** The failure of a step. For some classes Zapier encodes its properties in the message as JSON. */
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
