/** Tools: what a language model may do in the middle of a call. */
import * as z from 'zod';
import { jsonObject, plainText, timestamp } from './json';
import { webhookUrl } from './webhook';

export const toolTypes = ['http_api', 'end_call', 'transfer_call'] as const;
export type ToolType = (typeof toolTypes)[number];

export const toolStatuses = ['active', 'archived', 'draft'] as const;
export type ToolStatus = (typeof toolStatuses)[number];

export const toolParameterTypes = ['string', 'number', 'boolean', 'object', 'array'] as const;
export type ToolParameterType = (typeof toolParameterTypes)[number];

const parameterName = plainText().min(1).max(64);
const parameterType = z.enum(toolParameterTypes);
const mostParameters = 50;

const toolParameter = z.looseObject({
  name: parameterName,
  type: parameterType,
  description: plainText().max(1000),
  required: z.boolean().default(true),
});
export type ToolParameter = z.output<typeof toolParameter>;

const presetParameter = z.looseObject({
  name: parameterName,
  type: parameterType,
  value_template: plainText().max(4000).meta({
    description: 'Filled in with the values of the call: `{{initial_context.phone_number}}`.',
  }),
  required: z.boolean().default(true),
});
export type PresetParameter = z.output<typeof presetParameter>;

const spokenText = plainText().max(4000).nullish();

const httpApiConfig = z.looseObject({
  method: z
    .string()
    .transform((method) => method.toUpperCase())
    .pipe(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])),
  url: webhookUrl.meta({
    description:
      'Its path and its query may have places to fill in: `https://crm.example.com/people/{{id}}`.',
  }),
  headers: z.record(z.string(), z.string()).nullish().meta({
    description: 'Without secrets: these belong into a stored credential.',
  }),
  credential_uuid: plainText().max(64).nullish(),
  parameters: z.array(toolParameter).max(mostParameters).nullish().meta({
    description: 'What the model fills in.',
  }),
  preset_parameters: z.array(presetParameter).max(mostParameters).nullish().meta({
    description: 'What the call fills in.',
  }),
  timeout_ms: z.int().min(1).max(600_000).nullish().meta({
    description: 'How long an answer may take: 5000 if it is left out, 10000 at most.',
  }),
  customMessage: spokenText.meta({ description: 'Said before the request. {{variables}} are filled in.' }),
  customMessageType: z.enum(['text', 'audio']).nullish().meta({
    description: '`audio` is kept, and nothing is said: this server plays no recordings.',
  }),
  body_template: jsonObject.nullish().meta({
    description:
      'The body of POST, PUT and PATCH, by default all parameters. A text that is one place to fill in, and nothing else, keeps the type of its value.',
  }),
});
export type HttpApiConfig = z.output<typeof httpApiConfig>;

const messageType = z.enum(['none', 'custom', 'audio']).nullish().meta({
  description: '`custom` says `customMessage`. `audio` is kept, and nothing is said.',
});

const endCallConfig = z.looseObject({
  messageType,
  customMessage: spokenText,
  endCallReason: z.boolean().nullish().meta({
    description:
      'Whether the model gives a reason, which becomes the disposition. The reason `do_not_call` adds the number to the do-not-call list.',
  }),
  endCallReasonDescription: plainText().max(1000).nullish(),
});
export type EndCallConfig = z.output<typeof endCallConfig>;

const destination = plainText().min(1).max(500);

const contextMapping = z
  .looseObject({
    rules: z
      .array(
        z.looseObject({
          context_path: plainText().min(1).max(200).meta({
            description: 'A value of the call, such as `language` or `gathered_context.plan`.',
          }),
          routes: z
            .array(z.looseObject({ context_value: plainText().min(1).max(200), destination }))
            .min(1)
            .max(100),
        }),
      )
      .min(1)
      .max(20),
    fallback_destination: plainText().max(500).nullish(),
  })
  .meta({
    description:
      'The destination of the first rule with a route for its value; upper and lower case do not count. Values of the step at which the call stands are extracted first.',
  });

const transferCallConfig = z.looseObject({
  destination_source: z.enum(['static', 'context_mapping']).nullish().meta({
    description: '`static`, which is the default, takes `destination`; `context_mapping` takes its rules.',
  }),
  context_mapping: contextMapping.nullish(),
  destination: plainText().max(500).nullish().meta({
    description: 'A number, or a place to fill in: `{{sales}}`.',
  }),
  messageType,
  customMessage: spokenText,
  timeout: z.int().min(5).max(120).nullish().meta({ description: 'Seconds; 30 if it is left out.' }),
});
export type TransferCallConfig = z.output<typeof transferCallConfig>;

const schemaVersion = z.literal(1).default(1);

export const toolDefinition = z
  .discriminatedUnion('type', [
    z.looseObject({ schema_version: schemaVersion, type: z.literal('http_api'), config: httpApiConfig }),
    z.looseObject({ schema_version: schemaVersion, type: z.literal('end_call'), config: endCallConfig }),
    z.looseObject({
      schema_version: schemaVersion,
      type: z.literal('transfer_call'),
      config: transferCallConfig,
    }),
  ])
  .meta({ id: 'ToolDefinition' });
export type ToolDefinition = z.output<typeof toolDefinition>;

const description = plainText().max(4000).nullish().meta({ description: 'What the model is told of it.' });
const name = plainText().max(255).meta({
  description:
    'The model calls it by this name in lower case, with `_` for everything that is no letter or digit of ASCII.',
});
const icon = plainText().max(50);
const iconColor = plainText().max(7);

const exampleDefinition = {
  schema_version: 1,
  type: 'http_api',
  config: {
    method: 'POST',
    url: 'https://n8n.example.com/webhook/book',
    parameters: [{ name: 'day', type: 'string', description: 'The day, as YYYY-MM-DD', required: true }],
    preset_parameters: [
      { name: 'phone', type: 'string', value_template: '{{initial_context.phone_number}}', required: true },
    ],
    customMessage: 'One moment.',
  },
} as const;

export const createToolRequest = z
  .object({
    name,
    description,
    category: z.enum(toolTypes).nullish().meta({ description: 'The type of the definition.' }),
    icon: icon.default('globe'),
    icon_color: iconColor.default('#3B82F6'),
    definition: toolDefinition,
  })
  .meta({
    id: 'CreateToolRequest',
    examples: [
      {
        name: 'Book Appointment',
        description: 'Books an appointment on a day.',
        definition: structuredClone(exampleDefinition) as unknown,
      },
    ],
  });
export type CreateToolRequest = z.output<typeof createToolRequest>;

export const updateToolRequest = z
  .object({
    name: name.nullish(),
    description,
    icon: icon.nullish(),
    icon_color: iconColor.nullish(),
    definition: toolDefinition.nullish(),
    status: z.enum(toolStatuses).nullish(),
  })
  .meta({
    id: 'UpdateToolRequest',
    examples: [{ description: 'Books an appointment on a day of this month.' }],
  });
export type UpdateToolRequest = z.output<typeof updateToolRequest>;

export const tool = z
  .object({
    id: z.int(),
    tool_uuid: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    category: z.enum(toolTypes),
    icon: z.string().nullable(),
    icon_color: z.string().nullable(),
    status: z.enum(toolStatuses).meta({ description: 'Only an active tool is offered to the model.' }),
    definition: jsonObject,
    created_at: timestamp,
    updated_at: timestamp.nullable(),
    created_by: z.object({ id: z.int(), provider_id: z.string() }).nullable().meta({
      description: 'Null in a list, and where a key without a user made it.',
    }),
  })
  .meta({ id: 'Tool' });
export type Tool = z.infer<typeof tool>;

export const toolList = z.array(tool).meta({ id: 'ToolList' });

export const archivedTool = z
  .object({ status: z.literal('archived'), tool_uuid: z.string() })
  .meta({ id: 'ArchivedTool' });

export const testToolRequest = z
  .object({
    llm_params: jsonObject.nullish().meta({ description: 'What the model would fill in.' }),
    preset_params: jsonObject.nullish().meta({ description: 'The values of the presets.' }),
  })
  .meta({ id: 'TestToolRequest', examples: [{ llm_params: { day: '2026-12-24' }, preset_params: {} }] });
export type TestToolRequest = z.output<typeof testToolRequest>;

export const toolTestReport = z
  .object({
    status: z.enum(['success', 'error']),
    status_code: z.int().nullable(),
    data: z.custom<unknown>(() => true).nullable(),
    error: z.string().nullable(),
    hint: z.string().nullable().meta({ description: 'What to change.' }),
    request_method: z.string(),
    request_url: z.string().nullable(),
    request_headers: z.record(z.string(), z.string()).meta({ description: 'The credential is masked.' }),
    request_body: z.custom<unknown>(() => true).nullable(),
    request_params: jsonObject.nullable().meta({ description: 'The query of GET and DELETE.' }),
    duration_ms: z.int(),
  })
  .meta({ id: 'ToolTestReport' });
export type ToolTestReport = z.infer<typeof toolTestReport>;
