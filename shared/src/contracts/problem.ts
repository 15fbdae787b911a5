/** The error body of every route: `{"detail": string | array | object}`, the format of FastAPI and so of Dograh. */
import * as z from 'zod';

/** One validation error of a request, in pydantic's format. `loc` starts with body, query, path or header. */
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
        'Problems that do not prevent publishing, but may not be intended. Only on the bundled trigger server.',
    }),
    answer: z.enum(['announce', 'converse', 'stream', 'dograh']).optional().meta({
      description: 'What an answered call of this version gets. Only on the bundled trigger server.',
    }),
    answer_reason: z.string().optional().meta({ description: 'Why it gets this answer, in words.' }),
  })
  .meta({ id: 'DefinitionReport' });
export type DefinitionReport = z.infer<typeof definitionReport>;

/**
 * Machine-readable reasons of the bundled server's refusals. Messages may be reworded, codes may not change. The
 * first group says no more than the HTTP status; the codes after it name the exact reason.
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
  /** 400, nothing was dialled: another server has handed the call over to this one, which would hand it over again. */
  'endless_call',
  /** 400, nothing was dialled: the agent has no greeting, so a call would say nothing. */
  'nothing_to_say',
  /** 400: the carrier refused the call. */
  'call_refused',
  /** 400 with Retry-After, nothing was dialled: there was no connection to the carrier, or the carrier was busy. */
  'carrier_unreachable',
  'carrier_busy',
  /** 403: a request with the session cookie that another origin sent, or that has no valid `X-CSRF-Token`. */
  'cross_origin',
  'csrf_token_invalid',
  /** 403: the API key has another scope than the request needs, or is limited to other agents. Nothing was done. */
  'scope_missing',
  'agent_not_allowed',
  /** 404, nothing was dialled. */
  'trigger_not_found',
  'agent_not_found',
  'agent_archived',
  'telephony_configuration_not_found',
  /** 409: the first request with this idempotency key is still in progress. */
  'call_in_progress',
  /** 409: the agent was changed after the revision that the request names. Nothing was saved. */
  'draft_changed',
  /** 409: the destination policy was changed after the revision that the request names. Nothing was saved. */
  'policy_changed',
  /** 409: the call is no longer queued, so it cannot be changed. */
  'not_queued',
  /** 409: the event cannot be sent again. */
  'event_body_removed',
  /** 422, nothing was dialled. */
  'idempotency_key_reused',
  'destination_refused',
  'do_not_call',
  'unknown_field',
  'unresolved_variables',
  'greeting_too_long',
  /** 422: events are never sent to this private address. */
  'private_target',
  /** 429, nothing was dialled. */
  'concurrency_limit',
  'daily_limit',
  'queue_full',
  /** 429: too many requests from one API key or address. Nothing was done, and the idempotency key was not checked. */
  'rate_limited',
  /** 501, nothing was dialled: the carrier cannot do what the agent's calls need. */
  'answer_not_supported',
  'language_not_supported',
  'voice_not_supported',
  'voicemail_not_supported',
  /** 503, nothing was dialled. */
  'draining',
  'database_unavailable',
  'credentials_unreadable',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** Dograh's refusal of a change to a text chat that has another revision. */
export const revisionConflict = z
  .object({
    message: z.string(),
    expected_revision: z.int().nullable(),
    actual_revision: z.int(),
  })
  .meta({ id: 'RevisionConflict' });
export type RevisionConflict = z.infer<typeof revisionConflict>;

export const problem = z
  .looseObject({
    detail: z.union([z.string(), z.array(validationItem), definitionReport, revisionConflict]),
    code: z
      .string()
      .optional()
      .meta({
        enum: [...problemCodes],
        description: 'A machine-readable reason. Only on the bundled trigger server.',
      }),
  })
  .meta({ id: 'Problem', description: 'What went wrong, as text or as a list of invalid fields.' });
export type Problem = z.infer<typeof problem>;
