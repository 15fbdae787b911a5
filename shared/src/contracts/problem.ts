/** The error body of every route: `{"detail": string | array | object}` (FastAPI's shape, which Dograh speaks). */
import * as z from 'zod';

/** One invalid place in a request, in pydantic's vocabulary. `loc` starts with body, query, path or header. */
export const validationItem = z
  .looseObject({
    type: z.string().meta({ example: 'missing' }),
    loc: z.array(z.union([z.string(), z.number()])).meta({ example: ['body', 'phone_number'] }),
    msg: z.string().meta({ example: 'Field required' }),
    input: z.unknown().optional(),
    ctx: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'ValidationItem' });
export type ValidationItem = z.infer<typeof validationItem>;

/** One fault in an agent's definition. */
export const definitionFault = z
  .object({
    kind: z.enum(['node', 'edge', 'workflow']),
    id: z.string().nullable(),
    field: z.string().nullable(),
    message: z.string(),
  })
  .meta({ id: 'DefinitionFault' });
export type DefinitionFault = z.infer<typeof definitionFault>;

export const definitionReport = z
  .object({
    is_valid: z.boolean(),
    errors: z.array(definitionFault),
    warnings: z.array(definitionFault).optional().meta({
      description:
        'What keeps it from nothing, and still may not go as meant. Only on the bundled trigger server.',
    }),
  })
  .meta({ id: 'DefinitionReport' });
export type DefinitionReport = z.infer<typeof definitionReport>;

/**
 * Why the bundled server refuses, for code: a sentence may be worded anew, a code may not. The first group says no more
 * than the status; a code of the second says what to do.
 */
export const problemCodes = [
  'bad_request',
  'unauthenticated',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'conflict',
  'too_large',
  'unsupported_media_type',
  'range_not_satisfiable',
  'invalid_request',
  'busy',
  'internal_error',
  'not_implemented',
  'unavailable',
  'outcome_unknown',

  /** 400, nothing was dialled: telephony is not set up, or what is set up cannot place calls now. */
  'telephony_not_configured',
  'telephony_not_ready',
  'caller_id_not_found',
  /** 400, nothing was dialled: the agent has no greeting, so a call would say nothing. */
  'nothing_to_say',
  /** 400: the carrier was asked, and said no. */
  'call_refused',
  /** 400 with Retry-After, nothing was dialled: no connection to the carrier came to be, or it had too much to do. */
  'carrier_unreachable',
  'carrier_busy',
  /** 404, nothing was dialled. */
  'trigger_not_found',
  'agent_not_found',
  'telephony_configuration_not_found',
  /** 409: the first request with this idempotency key is still at work. */
  'call_in_progress',
  /** 422, nothing was dialled. */
  'idempotency_key_reused',
  'destination_refused',
  'unknown_field',
  'unresolved_variables',
  'greeting_too_long',
  /** 422: events could never be sent to this address. */
  'private_target',
  /** 429, nothing was dialled. */
  'concurrency_limit',
  'daily_limit',
  /** 429, nothing was done, and neither was an idempotency key looked at: too many requests of a key or an address. */
  'rate_limited',
  /** 501, nothing was dialled: the carrier cannot do what the agent's calls need. */
  'answer_not_supported',
  /** 503, nothing was dialled. */
  'draining',
  'database_unavailable',
  'credentials_unreadable',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

export const problem = z
  .looseObject({
    detail: z.union([z.string(), z.array(validationItem), definitionReport]),
    code: z
      .string()
      .optional()
      .meta({
        enum: [...problemCodes],
        description: 'Why, in one word for code. Only on the bundled trigger server.',
      }),
  })
  .meta({ id: 'Problem', description: 'What went wrong, in plain words or as a list of invalid places.' });
export type Problem = z.infer<typeof problem>;
