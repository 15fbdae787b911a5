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
  .object({ is_valid: z.boolean(), errors: z.array(definitionFault) })
  .meta({ id: 'DefinitionReport' });
export type DefinitionReport = z.infer<typeof definitionReport>;

export const problem = z
  .looseObject({ detail: z.union([z.string(), z.array(validationItem), definitionReport]) })
  .meta({ id: 'Problem', description: 'What went wrong, in plain words or as a list of invalid places.' });
export type Problem = z.infer<typeof problem>;
