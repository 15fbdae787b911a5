/** What a conversation may use at most. Beyond a limit it goes on with less, or ends in order; it never fails for it. */
export interface Limits {
  /** Of a conversation. */
  turns: number;
  /** Of a conversation, prompt and completion together, as the model counts them. */
  tokens: number;
  /** Of a conversation: of its history, as it is stored. */
  stateCharacters: number;
  /** Of a turn. */
  modelRequests: number;
  /** Of a turn. Further calls of functions are left out, as if the model had not made them. */
  functionCalls: number;
  /** Of what is heard in a turn; the rest is cut off. */
  heardCharacters: number;
  /** Of what the model says in a turn; the rest is cut off, at the end of a sentence. */
  saidCharacters: number;
  /** Of the history that is sent with a request: the last ones. */
  sentMessages: number;
  /** Of each part of the system prompt. */
  promptCharacters: number;
  /** Of a request for values. Further variables are left out. */
  extractedVariables: number;
  /** Of a request for values: of its variables with their hints, and again of the history in it. */
  extractionCharacters: number;
}

export const usualLimits: Limits = {
  turns: 60,
  tokens: 200_000,
  stateCharacters: 500_000,
  modelRequests: 5,
  functionCalls: 8,
  heardCharacters: 2000,
  saidCharacters: 600,
  sentMessages: 40,
  promptCharacters: 32_768,
  extractedVariables: 100,
  extractionCharacters: 65_536,
};
