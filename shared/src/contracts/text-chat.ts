/** Dograh's text chat: an agent talks by text, with no phone. */
import * as z from 'zod';
import { jsonObject, plainText, timestamp } from './json';

/** The `mode` of a run that is a text chat, by Dograh's word. It takes no slot, no carrier and no number. */
export const textChatMode = 'textchat';

/** As much as is heard in one turn of a call. */
const longestMessage = 2000;

const expectedRevision = z.int().nullish().meta({
  description:
    'The revision that the caller knows: 409 if the session has another one. A message that is sent again with it gets the same reply, and the model is not asked again.',
});

export const createTextChatRequest = z
  .looseObject({
    name: plainText().min(1).max(255).nullish().meta({ description: 'Of the run; default WR-TEXT-….' }),
    initial_context: jsonObject.nullish().meta({ description: 'Values for the prompts, as in a call.' }),
    annotations: jsonObject.nullish().meta({ description: 'Kept with the session, and returned.' }),
  })
  .meta({
    id: 'CreateTextChatRequest',
    examples: [{ initial_context: { user: { name: 'Jane' } } }],
  });
export type CreateTextChatRequest = z.output<typeof createTextChatRequest>;

export const textChatMessage = z
  .looseObject({
    text: plainText()
      .max(longestMessage)
      .refine((text) => text.trim() !== '', 'Input should have a word in it'),
    expected_revision: expectedRevision,
  })
  .meta({ id: 'TextChatMessage', examples: [{ text: 'Yes, speaking.', expected_revision: 2 }] });
export type TextChatMessage = z.output<typeof textChatMessage>;

export const rewindTextChatRequest = z
  .looseObject({
    cursor_turn_id: z.string().nullish().meta({
      description:
        'The next message follows this turn; the turns after it are then moved to discarded_future. Null takes a rewind back.',
    }),
    expected_revision: expectedRevision,
  })
  .meta({ id: 'RewindTextChatRequest', examples: [{ cursor_turn_id: null }] });
export type RewindTextChatRequest = z.output<typeof rewindTextChatRequest>;

export const endTextChatRequest = z
  .looseObject({ expected_revision: expectedRevision })
  .meta({ id: 'EndTextChatRequest', examples: [{}] });
export type EndTextChatRequest = z.output<typeof endTextChatRequest>;

export const textChatEventTypes = [
  'node_transition',
  'tool_call_started',
  'tool_call_result',
  'execution_error',
  'session_end',
] as const;

const textChatEvent = z.object({
  type: z.enum(textChatEventTypes),
  created_at: timestamp,
  payload: jsonObject,
});
export type TextChatEvent = z.infer<typeof textChatEvent>;

const utterance = z.object({ text: z.string(), created_at: timestamp });

const checkpoint = z.object({
  version: z.literal(1),
  anchor_turn_id: z.string().nullable(),
  current_node_id: z.string().nullable(),
  messages: z.array(jsonObject),
  gathered_context: jsonObject,
  tool_state: jsonObject,
});
export type TextChatCheckpoint = z.infer<typeof checkpoint>;

const textChatTurn = z.object({
  id: z.string(),
  status: z.enum(['pending', 'completed', 'failed']),
  created_at: timestamp,
  user_message: utterance.nullable(),
  assistant_message: utterance.nullable(),
  events: z.array(textChatEvent),
  usage: z.object({
    llm: jsonObject,
    tts: jsonObject,
    stt: jsonObject,
    call_duration_seconds: z.number().nullable(),
  }),
  checkpoint_after_turn: checkpoint.nullable(),
});
export type TextChatTurn = z.infer<typeof textChatTurn>;

/** Every reply of the text chat. */
export const textChat = z
  .object({
    workflow_run_id: z.int(),
    workflow_id: z.int(),
    name: z.string(),
    mode: z.literal(textChatMode),
    state: z.enum(['running', 'completed']),
    is_completed: z.boolean(),
    revision: z.int().meta({ description: 'Grows by one with every write.' }),
    initial_context: jsonObject,
    gathered_context: jsonObject,
    annotations: jsonObject,
    session_data: z.object({
      version: z.literal(1),
      status: z.enum(['idle', 'pending_assistant_turn', 'rewound', 'error', 'completed']),
      cursor_turn_id: z.string().nullable(),
      turns: z.array(textChatTurn),
      discarded_future: z.array(
        z.object({
          rewound_from_turn_id: z.string(),
          discarded_at: timestamp,
          turns: z.array(textChatTurn),
        }),
      ),
      simulator: z.object({ enabled: z.boolean(), config: jsonObject }),
    }),
    checkpoint,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'TextChat' });
export type TextChat = z.infer<typeof textChat>;
