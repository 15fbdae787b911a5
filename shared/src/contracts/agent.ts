/** Agents ("workflows" on the wire), their definitions and versions. */
import * as z from 'zod';
import { dograhAnswer } from './dograh-answer';
import { jsonObject, plainText, timestamp } from './json';
import { definitionFault } from './problem';
import { retry, retryExample } from './retry';
import { languageTag, voiceName } from './speech';
import { voicemail } from './voicemail';

/** Nodes keep unknown keys: an editor may store more than the server reads. */
export const agentNode = z.looseObject({
  id: z.string(),
  type: z.string(),
  position: jsonObject.optional(),
  data: jsonObject,
});
export type AgentNode = z.infer<typeof agentNode>;

export const agentEdge = z.looseObject({
  id: z.string(),
  source: z.string(),
  target: z.string(),
  data: jsonObject.optional(),
});
export type AgentEdge = z.infer<typeof agentEdge>;

/** Missing lists are empty: Dograh's documentation creates an agent with `{}`. */
export const agentDefinition = z
  .looseObject({ nodes: z.array(agentNode).default([]), edges: z.array(agentEdge).default([]) })
  .meta({ id: 'AgentDefinition' });
export type AgentDefinition = z.infer<typeof agentDefinition>;

export const agentStatus = z.enum(['active', 'archived']);
export type AgentStatus = z.infer<typeof agentStatus>;

export const versionStatus = z.enum(['draft', 'published', 'archived']);
export type VersionStatus = z.infer<typeof versionStatus>;

/** False for text that is not a URL; another check refuses that. */
function hasUserInfo(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username !== '' || password !== '';
}

/** The answers that are a word. */
const answerWords = ['announce', 'converse', 'stream'] as const;

/** What an answered call can get. */
export const answerMode = z.enum([...answerWords, 'dograh']);

/** How an agent's calls are answered. */
const agentAnswer = z.union([z.enum(answerWords), dograhAnswer], {
  error:
    'Input should be announce, converse, stream, or an object with the mode dograh and the agent that holds the call',
});

function phrase(description: string) {
  return z.string().trim().min(1).max(500).optional().meta({ description });
}

/** Settings that are versioned with an agent's definition. Unknown keys are kept. */
export const agentConfigurations = z
  .looseObject({
    max_call_duration: z
      .int()
      .min(1)
      .max(1200)
      .optional()
      .meta({ description: 'Seconds after which an answered call is ended (default 300).' }),
    text_chat_inactivity_timeout_seconds: z
      .int()
      .min(60)
      .max(10_500)
      .optional()
      .meta({ description: 'Seconds without a message after which a text chat is ended (default 1800).' }),
    ring_timeout_seconds: z
      .int()
      .min(5)
      .max(120)
      .optional()
      .meta({ description: 'Seconds to let the phone ring (default 30).' }),
    answer: agentAnswer.optional().meta({
      description:
        'What an answered call gets. Absent: converse where a language model is configured and the carrier can, else announce; a version that was published before there was a model announces until it is published again. announce: the rendered greeting of the Start node is spoken, then the call ends. converse: the agent’s own definition talks, through a language model. stream: the carrier’s media stream is connected to stream_url. An object with the mode dograh: an agent of a Dograh places and holds the call, through a telephony configuration of the provider dograh.',
    }),
    stream_url: z
      .url({ protocol: /^wss$/ })
      .refine((url) => !hasUserInfo(url), {
        error:
          'must not contain a user name or password: everyone who may read agents can read it, and carriers log it',
      })
      .optional()
      .meta({ description: 'Where stream connects to: a wss:// address without a user name or password.' }),
    language: languageTag.optional().meta({
      description:
        'The language of the agent’s calls, as a BCP 47 tag (default en-US). A call is refused with 501 when its carrier cannot speak it.',
    }),
    voice: voiceName.optional().meta({
      description: 'The carrier’s name of the voice, such as Polly.Mia (default: a voice for the language).',
    }),
    voicemail: voicemail.optional().meta({
      description:
        'What the agent’s calls do if a machine answers. The carrier then detects machines, whatever its account says; it may charge for that. A call is refused with 501 when its carrier cannot do it. Absent: the greeting is spoken to whoever answers.',
    }),
    strict_variables: z.boolean().optional().meta({
      description:
        'Refuse a call with 422 when the agent’s texts use a variable without a value and without a fallback (default false: the run lists it as unresolved).',
    }),
    retry: retry.optional().meta({
      description:
        'Places the agent’s calls again when they reached nobody, unless their request says something else. Only where /health lists scheduling.',
    }),
    phrases: z
      .strictObject({
        filler: phrase('Said once in a turn whose reply is late, while the carrier waits for it.'),
        apology: phrase('Asks to repeat, when the language model failed.'),
        closing: phrase('Said before the call is ended because the language model keeps failing.'),
        goodbye: phrase('Said where the language model should have said goodbye and failed.'),
      })
      .optional()
      .meta({
        description:
          'With the answer converse: what is said without the language model. Absent: sentences in the language of the call, or in English.',
      }),
    sandbox_says: z.array(z.string().max(2000)).max(100).optional().meta({
      description:
        'With the answer converse, in the sandbox: what the callee says, line by line, before it hangs up. An empty line is a silence. initial_context.sandbox_says of a call replaces it.',
    }),
    recording_enabled: z.boolean().optional().meta({
      description:
        'Whether calls are recorded (default false), if the carrier supports it. You must inform the people who are called.',
    }),
  })
  .refine(({ answer, stream_url: url }) => answer !== 'stream' || url !== undefined, {
    path: ['stream_url'],
    error: 'An agent that answers with a stream needs stream_url',
  })
  .meta({
    id: 'AgentConfigurations',
    examples: [
      {
        answer: 'announce',
        language: 'es-MX',
        ring_timeout_seconds: 30,
        max_call_duration: 120,
        voicemail: { action: 'leave_message', message: 'Please call us back, {{user.name}}.' },
        retry: retryExample,
        recording_enabled: true,
      },
      { answer: 'stream', stream_url: 'wss://voice.example.com/media', max_call_duration: 600 },
      { answer: { mode: 'dograh', agent: 'workflow/0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0' } },
    ],
  });
export type AgentConfigurations = z.infer<typeof agentConfigurations>;

/** A row of `GET /workflow/fetch`. */
export const agentListItem = z
  .looseObject({
    id: z.int(),
    name: z.string(),
    status: z.string(),
    created_at: timestamp,
    total_runs: z.int().nullish(),
    folder_id: z.int().nullish(),
    workflow_uuid: z.string().nullish(),
    published_version: z.int().nullish().meta({
      description: 'The number of the version in production. Only on the bundled trigger server.',
    }),
    draft_version: z.int().nullish().meta({
      description: 'The number of the draft; null without a draft. Only on the bundled trigger server.',
    }),
  })
  .meta({ id: 'AgentListItem' });
export type AgentListItem = z.infer<typeof agentListItem>;

export const agentSummary = z.object({ id: z.int(), name: z.string() }).meta({ id: 'AgentSummary' });

export const agentCount = z
  .object({ total: z.int(), active: z.int(), archived: z.int() })
  .meta({ id: 'AgentCount' });

/** The two absolute URLs that start a call of an agent. `null` without a trigger node. */
export const triggerUrls = z.object({ production: z.string().nullable(), test: z.string().nullable() });

export const agent = z
  .looseObject({
    id: z.int(),
    name: z.string(),
    status: z.string(),
    created_at: timestamp,
    workflow_definition: agentDefinition,
    current_definition_id: z.int().nullish(),
    template_context_variables: jsonObject.nullish(),
    call_disposition_codes: jsonObject.nullish(),
    total_runs: z.int().nullish(),
    workflow_configurations: jsonObject.nullish(),
    version_number: z.int().nullish(),
    version_status: z.string().nullish(),
    workflow_uuid: z.string().nullish(),
    revision: z.string().optional().meta({
      description:
        'Changes with every change of the name or the draft. Send it back with PUT to save only if nobody has changed the agent since. Only on the bundled trigger server.',
    }),
    trigger_urls: triggerUrls.optional().meta({
      description: 'The URLs that start a call of this agent. Only on the bundled trigger server.',
    }),
  })
  .meta({ id: 'Agent' });
export type Agent = z.infer<typeof agent>;

export const agentVersion = z
  .looseObject({
    id: z.int(),
    version_number: z.int(),
    status: versionStatus,
    created_at: timestamp.nullish(),
    published_at: timestamp.nullish(),
    workflow_json: agentDefinition,
    workflow_configurations: jsonObject.nullish(),
    template_context_variables: jsonObject.nullish(),
    omitted_fields: z.array(z.string()).optional().meta({
      description:
        'In a list: fields that are left out of an archived version, because the versions before it on the page have 1 MiB or more. To read them, request the version as the first of a page: limit=1 and its offset. Only on the bundled trigger server.',
    }),
  })
  .meta({ id: 'AgentVersion' });
export type AgentVersion = z.infer<typeof agentVersion>;

export const publishedVersion = z
  .object({
    id: z.int(),
    version_number: z.int(),
    status: z.literal('published'),
    published_at: timestamp,
    warnings: z
      .array(definitionFault)
      .optional()
      .meta({ description: 'The same as in validation. Only on the bundled trigger server.' }),
  })
  .meta({ id: 'PublishedVersion' });

/** An example that can be published: one node of most types, and a transition. */
const workedAgent = {
  nodes: [
    {
      id: 'start',
      type: 'startCall',
      position: { x: 0, y: 0 },
      data: {
        name: 'Start',
        greeting: 'Hello {{user.name | there}}, your appointment is tomorrow.',
        prompt: 'Remind {{initial_context.user.name | the callee}} of the appointment.',
      },
    },
    {
      id: 'end',
      type: 'endCall',
      position: { x: 0, y: 300 },
      data: { name: 'End', prompt: 'Thank the callee and say goodbye.' },
    },
    {
      id: 'trigger',
      type: 'trigger',
      position: { x: -400, y: 0 },
      data: { name: 'API Trigger', enabled: true },
    },
    {
      id: 'crm',
      type: 'webhook',
      position: { x: 400, y: 0 },
      data: {
        name: 'Tell the CRM',
        http_method: 'POST',
        endpoint_url: 'https://crm.example.com/calls',
        payload_template: {
          run: '{{workflow_run_id}}',
          outcome: '{{gathered_context.call_disposition}}',
        },
      },
    },
  ],
  edges: [
    {
      id: 'start-end',
      source: 'start',
      target: 'end',
      data: { label: 'Done', condition: 'The callee has heard the reminder.' },
    },
  ],
};

export const createAgentRequest = z
  .object({ name: plainText().min(1).max(255), workflow_definition: agentDefinition })
  .meta({ id: 'CreateAgentRequest', examples: [{ name: 'Reminder', workflow_definition: workedAgent }] });
export type CreateAgentRequest = z.infer<typeof createAgentRequest>;

export const updateAgentRequest = z
  .object({
    name: plainText().min(1).max(255).nullish(),
    workflow_definition: agentDefinition.nullish(),
    template_context_variables: jsonObject.nullish(),
    workflow_configurations: agentConfigurations.nullish(),
    revision: z.string().max(64).nullish().meta({
      description:
        'The revision that the change is based on. If the agent has another one now, nothing is saved (409, draft_changed). Without it, the change is saved in any case. Only on the bundled trigger server.',
    }),
  })
  .meta({
    id: 'UpdateAgentRequest',
    examples: [
      { name: 'Reminder of tomorrow', workflow_configurations: { ring_timeout_seconds: 25 } },
      { workflow_definition: workedAgent },
    ],
  });
export type UpdateAgentRequest = z.infer<typeof updateAgentRequest>;

export const updateAgentStatusRequest = z
  .object({ status: agentStatus })
  .meta({ id: 'UpdateAgentStatusRequest', examples: [{ status: 'active' }] });
