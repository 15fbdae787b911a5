/** The four routes that start a call (Dograh API: public agent routes). */
import { TriggerError } from './errors';

/** The agent that makes the call: by the path of its trigger node, or by its own UUID. */
export type CallTarget = { triggerUuid: string } | { agentUuid: string };

/** `production` runs the published definition, `test` the draft (without a draft, the published definition). */
export type Environment = 'production' | 'test';

export interface TriggerReference {
  target: CallTarget;
  /** `null` when the text does not contain it. */
  environment: Environment | null;
}

/** The characters that Dograh allows in a trigger path. Agent UUIDs match, too. */
const identifier = /^[A-Za-z0-9_-]{1,36}$/;
const maximumReferenceLength = 2048;

/**
 * The path of a trigger route below `/api/v1`, for example `/public/agent/test/workflow/<uuid>`.
 * @throws TriggerError `invalid_input` for text that cannot be an identifier of a trigger or an agent.
 */
export function triggerPath(target: CallTarget, environment: Environment): string {
  const id = 'agentUuid' in target ? target.agentUuid : target.triggerUuid;
  if (!identifier.test(id)) {
    throw new TriggerError({
      code: 'invalid_input',
      message:
        'The agent or trigger identifier is not valid: it has 1 to 36 letters, digits, "-" or "_". ' +
        'Copy it, or the whole trigger URL, from the agent.',
    });
  }
  return `/public/agent${environment === 'test' ? '/test' : ''}${'agentUuid' in target ? '/workflow' : ''}/${id}`;
}

/**
 * Parses pasted references to an agent: a full trigger URL (any host, with or without `/api/v1`), its path,
 * `workflow/<agent uuid>`, or a bare trigger path.
 *
 * @returns `null` when the text is none of these.
 */
export function parseTriggerReference(text: string): TriggerReference | null {
  if (text.length > maximumReferenceLength) return null;
  const [address = ''] = text.trim().split(/[?#]/, 1);
  const path = address.replace(/^https?:\/\/[^/]*/i, '');
  const segments = path.split('/').filter(Boolean);
  const start = segments.findIndex(
    (segment, index) => segment === 'public' && segments[index + 1] === 'agent',
  );
  if (start === -1) return path === address ? readRoute(segments, null) : null;
  return readRoute(segments.slice(start + 2), 'production');
}

/**
 * `[test/][workflow/]<id>`. A trigger path may be the word "test" or "workflow", so the last segment is always the
 * id.
 */
function readRoute(segments: string[], defaultEnvironment: Environment | null): TriggerReference | null {
  const id = segments.at(-1);
  if (id === undefined || !identifier.test(id)) return null;
  switch (segments.slice(0, -1).join('/')) {
    case '':
      return { target: { triggerUuid: id }, environment: defaultEnvironment };
    case 'workflow':
      return { target: { agentUuid: id }, environment: defaultEnvironment };
    case 'test':
      return { target: { triggerUuid: id }, environment: 'test' };
    case 'test/workflow':
      return { target: { agentUuid: id }, environment: 'test' };
    default:
      return null;
  }
}
