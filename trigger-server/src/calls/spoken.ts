/** Checks before the dial what the call would say: whether there is anything to say, and which variables are unfilled. */
import { isFilled, listTextVariables, type JsonObject } from '@dograh-trigger/shared';
import { greetingFor, greetingOverride, isRecordedGreeting } from '../agents/greeting';
import type { RunnableAgent } from '../agents/resolve-trigger';
import { neededIn } from '../agents/definition/spoken-variables';
import { greetingLimits, isGreetingTooLong } from '../agents/text-limits';
import { invalidPlace, Problem } from '../problem';
import type { Services } from '../services';
import { answerMode } from './carrier/answering';
import { unspokenGreeting } from './request/initial-context';

/** How many are listed at most. */
const mostListed = 100;

/**
 * @param context the run's initial context, and the caller ID.
 * @param message the text for a machine; null: there is none.
 * @param strict whether an unfilled variable is refused; null: the agent decides.
 * @returns the unfilled variables that have no fallback, each once.
 * @throws Problem bad_request when the call would say nothing; unprocessable for a greeting that is too long or cannot be
 *   played and, where `strict`, for an unfilled variable.
 */
export async function checkSpoken(
  services: Pick<Services, 'config' | 'storage' | 'clock'>,
  agent: RunnableAgent,
  context: JsonObject,
  strict: boolean | null,
  message: string | null,
): Promise<string[]> {
  const override = greetingOverride(context);
  const isRecording = isRecordedGreeting(context);
  // Plain Dograh has no limit. It holds with `EXTENSIONS` empty too: rendering must stay bounded.
  if (override === null ? !isRecording && agent.needs.isGreetingTooLong : isGreetingTooLong(override))
    throw tooLong(override);
  if (services.config.extensions.size === 0) return [];
  const mode = answerMode(agent.configurations);
  if (isRecording && mode !== 'dograh') throw invalidPlace(unspokenGreeting);
  const greeting = greetingNeeds(agent, override, isRecording);
  const needed = neededFor(agent, greeting, message);
  const unresolved = needed.filter((name) => !isFilled(name, context));

  if (unresolved.length > 0 && (strict ?? agent.configurations.strict_variables ?? false)) {
    throw unfilled(unresolved);
  }
  if (mode === 'announce' && (await saysNothing(services, agent, context, greeting, unresolved)))
    throw nothingToSay();
  return unresolved.slice(0, mostListed);
}

/** The variables that the greeting of a call needs; null: it has none. A recording needs none. */
function greetingNeeds(
  { needs }: RunnableAgent,
  override: string | null,
  isRecording: boolean,
): readonly string[] | null {
  if (isRecording) return [];
  return override === null ? needs.greeting : neededIn(listTextVariables(override));
}

/**
 * The variables without a fallback that the texts of a call need from its context.
 * @param greeting those of its greeting; null: it has none. @param message as of `checkSpoken`.
 */
export function neededFor(
  { configurations, needs }: RunnableAgent,
  greeting: readonly string[] | null,
  message: string | null,
): string[] {
  const inPrompts = answerMode(configurations) === 'announce' ? [] : needs.prompts;
  const inMessage = message === null ? [] : neededIn(listTextVariables(message));
  return [...new Set([...(greeting ?? []), ...inPrompts, ...inMessage])].filter(
    (name) => !isWrittenLater(name),
  );
}

/** Variables that the server fills by the time of the answer (`promptContext`). */
const writtenLater: ReadonlySet<string> = new Set(['workflow_run_id', 'called_number', 'call_id']);

/** In a dotted name the first part is the variable. */
function isWrittenLater(name: string): boolean {
  return writtenLater.has(name.split('.', 1)[0] ?? name);
}

/** Renders only where the result is not known: a greeting with unfilled variables, or one from the request. */
async function saysNothing(
  services: Pick<Services, 'storage' | 'clock'>,
  agent: RunnableAgent,
  context: JsonObject,
  greeting: readonly string[] | null,
  unresolved: readonly string[],
): Promise<boolean> {
  if (greeting === null) return true;
  if (unresolved.length === 0 && greetingOverride(context) === null) return false;
  const { storage, clock } = services;
  const text = await greetingFor(storage.read, agent.definitionId, context, clock.now());
  return text === null || text.trim() === '';
}

function tooLong(override: string | null): Problem {
  if (override === null) {
    return new Problem(
      'unprocessable',
      `The agent’s greeting is too long. ${greetingLimits}. Nobody was called. Shorten the greeting of its Start node and publish it.`,
      { code: 'greeting_too_long' },
    );
  }
  return invalidPlace(
    {
      type: 'greeting_too_long',
      loc: ['body', 'initial_context', 'greeting_override', 'text'],
      msg: `${greetingLimits}. Nobody was called.`,
      input: null,
    },
    'greeting_too_long',
  );
}

function nothingToSay(): Problem {
  return new Problem(
    'bad_request',
    'The call would say nothing: the agent has no greeting, or nothing is left of it without its variables. Nobody was called. Give the Start node of the agent a greeting and publish it, or send initial_context.greeting_override.',
    { code: 'nothing_to_say' },
  );
}

function unfilled(names: readonly string[]): Problem {
  const listed = names.slice(0, mostListed);
  return invalidPlace(
    {
      type: 'unresolved_variables',
      loc: ['body', 'initial_context'],
      msg: `The agent’s texts use variables that nobody filled: ${listed.join(', ')}. Send them in initial_context, or give them a fallback: {{${listed[0] ?? 'name'} | there}}. Nobody was called.`,
      input: null,
      ctx: { variables: listed },
    },
    'unresolved_variables',
  );
}
