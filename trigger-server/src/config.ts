/**
 * Reads and validates the environment once. Apart from this file, only `main.ts` and `admin/main.ts` access
 * `process.env`.
 */
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { extensions, type Extension } from '@dograh-trigger/shared';
import * as z from 'zod';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);

const network = /^([0-9A-Fa-f.:]+)(?:\/\d{1,3})?$/;

/**
 * A number of proxies, or their addresses. `true` is not allowed, because then every caller could claim any address.
 */
const trustedProxies = z.union([
  z
    .string()
    .regex(/^\d{1,2}$/)
    .transform(Number),
  list.refine((entries) => entries.every((entry) => isIP(network.exec(entry)?.[1] ?? '') !== 0), {
    error: 'must be the number of proxies in front, or their addresses and networks, such as 10.0.0.0/8',
  }),
]);

const databaseAddress = /^(?:file:(?!:memory:).+|postgres(?:ql)?:\/\/[^/]+\/.+)/;
const databaseAddressForm =
  'must be file:<path>, for example file:./data/trigger.db, or postgres://user:password@host:5432/database';

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: z.string().regex(databaseAddress, databaseAddressForm).default('file:./data/trigger.db'),
  PUBLIC_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  BOOTSTRAP_API_KEY: z
    .string()
    .regex(/^dgr_[A-Za-z0-9_-]{43}$/, 'must be dgr_ followed by 43 letters, digits, - or _')
    .optional(),
  SEED_DEMO: flag.default(true),
  SECRETS_KEY: z
    .string()
    .regex(
      /^[0-9a-fA-F]{64}(?:\s*,\s*[0-9a-fA-F]{64})*$/,
      'must be 64 hexadecimal digits (32 bytes), e.g. from: openssl rand -hex 32; during a rotation the new key and, after a comma, the old one',
    )
    .transform((text) => text.toLowerCase().split(/\s*,\s*/))
    .optional(),
  DEFAULT_ORG_CONCURRENCY_LIMIT: z.coerce.number().int().min(1).default(10),
  MAX_QUEUED_CALLS: z.coerce.number().int().min(0).default(100_000),
  SIGNUP_ENABLED: flag.optional(),
  TRUST_PROXY: trustedProxies.default(0),
  KEY_REQUESTS_PER_SECOND: z.coerce.number().int().min(0).max(100_000).default(50),
  ADDRESS_REQUESTS_PER_SECOND: z.coerce.number().int().min(0).max(100_000).default(20),
  EXTENSIONS: list.pipe(z.array(z.enum(extensions))).optional(),
  ALLOWED_PRIVATE_TARGETS: list.optional(),
  TTS_COMMAND: z.string().min(1).default('espeak-ng --stdout --stdin -v {voice}'),
  STT_COMMAND: z.string().default(''),
  ARTIFACTS_DIR: z.string().min(1).optional(),
  ARTIFACTS_S3_BUCKET: z.string().min(1).optional(),
  ARTIFACTS_S3_PREFIX: z
    .string()
    .regex(/^[\w-]+(?:\/[\w-]+)*\/?$/, 'must be letters, digits, -, _ and /, such as calls/production')
    .transform((text) => `${text.replace(/\/$/, '')}/`)
    .default(''),
  ARTIFACTS_S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  ARTIFACTS_S3_REGION: z.string().min(1).default('us-east-1'),
  ARTIFACTS_S3_PATH_STYLE: flag.optional(),
  ARTIFACTS_S3_ENCRYPTION: z.enum(['AES256', 'aws:kms']).optional(),
  ARTIFACTS_S3_KMS_KEY: z.string().min(1).optional(),
  DOWNLOAD_LINK_HOURS: z.coerce.number().int().min(1).max(8760).default(24),
  LLM_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  LLM_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be visible characters without spaces')
    .optional(),
  LLM_MODEL: z.string().min(1).max(200).optional(),
  LLM_PRICE_PER_MILLION: z.coerce.number().positive().optional(),
  TALK_MAX_COST: z.coerce.number().positive().default(1),
  TALK_MAX_TURNS: z.coerce.number().int().min(1).max(1000).default(60),
  TALK_MAX_TOKENS: z.coerce.number().int().min(1000).default(200_000),
  TALK_MAX_REPLY_TOKENS: z.coerce.number().int().min(50).max(8000).default(400),
  TALK_MAX_SAID_CHARACTERS: z.coerce.number().int().min(100).max(4000).default(600),
  SANDBOX_STEP_MS: z.coerce.number().int().min(0).max(600_000).default(300),
  METRICS_TOKEN: z
    .string()
    .regex(
      /^[\x21-\x7e]{16,}$/,
      'must have at least 16 visible characters and no spaces, e.g. from: openssl rand -hex 32',
    )
    .optional(),
  METRICS_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  ROLE: z.enum(['all', 'api', 'worker']).default('all'),
  DRAIN_SECONDS: z.coerce.number().int().min(1).max(600).default(45),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

/** Where the database is. `shown` is the address without its password, for people. */
export type DatabaseAddress =
  { kind: 'sqlite'; file: string; shown: string } | { kind: 'postgres'; url: string; shown: string };

/** A bucket of S3, or of a server that speaks its protocol. */
export interface BucketConfig {
  bucket: string;
  /** What every key begins with: empty, or with a slash at its end. */
  prefix: string;
  /** Null: Amazon's own. */
  endpoint: string | null;
  region: string;
  /** Whether the bucket stands in the path, and not in the name of the host. */
  isPathStyle: boolean;
  /** How the store encrypts the files; null leaves it to the bucket. */
  encryption: 'AES256' | 'aws:kms' | null;
  kmsKeyId: string | null;
}

/** The language model of every organization that has configured none of its own. */
export interface ModelConfig {
  /** Of an OpenAI-compatible endpoint, without a trailing slash. */
  baseUrl: string;
  /** Null: the endpoint wants none. */
  apiKey: string | null;
  name: string;
}

/** What one conversation may take. Beyond the first two it says goodbye and hangs up. */
export interface TalkLimits {
  turns: number;
  /** Of all requests to the model together, those that it answered from its cache included. */
  tokens: number;
  /** The longest answer of the model to one request. */
  replyTokens: number;
  /** The longest text that is said in one turn; it is cut at the end of a sentence. */
  saidCharacters: number;
}

export interface Config {
  port: number;
  host: string;
  database: DatabaseAddress;
  /** What the paths of the files beside the database begin with: its key, the demo key, the first sign-in link. */
  filesBeside: string;
  /** The public base URL of this server, without a trailing slash; null when it is not configured. */
  publicBaseUrl: string | null;
  bootstrapApiKey: string | null;
  seedDemo: boolean;
  /**
   * Keys of 64 hexadecimal digits, the current one first. Null: the server keeps them in a file beside its database.
   */
  secretsKeys: readonly string[] | null;
  defaultConcurrencyLimit: number;
  /** How many calls of an organization may wait in the queue at once, but for those of campaigns. */
  maxQueuedCalls: number;
  /** Who may sign up: anybody, callers on this machine only, or nobody. */
  signup: 'open' | 'local' | 'closed';
  /**
   * The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted: how many there are, or their addresses.
   */
  trustProxy: number | string[];
  /** Limits per API key or signed-in user, and per address for requests without either; 0 means no limit. */
  requestsPerSecond: { perKey: number; perAddress: number };
  extensions: ReadonlySet<Extension>;
  sandboxStepMilliseconds: number;
  /** Replacements for carriers' scheme, host and port, by provider name: from `<VENDOR>_API_BASE_URL`. */
  carrierBaseUrls: ReadonlyMap<string, string>;
  /** Internal IP addresses and networks that tenant-supplied addresses may reach. */
  allowedPrivateTargets: readonly string[];
  /**
   * The text-to-speech program and its arguments. It reads text from standard input and writes WAV to standard output.
   */
  ttsCommand: readonly string[];
  /**
   * The speech-to-text program and its arguments. It reads WAV from standard input and writes text to standard output.
   * Empty: there is none.
   */
  sttCommand: readonly string[];
  /** The folder of recordings. */
  artifactsFolder: string;
  /** Whether `ARTIFACTS_DIR` names it. */
  isArtifactsFolderGiven: boolean;
  /** The bucket of recordings; null when the folder is used. */
  artifactsBucket: BucketConfig | null;
  /** Null: the operator offers none. */
  model: ModelConfig | null;
  talkLimits: TalkLimits;
  /** How long a link to a transcript or a recording is valid. */
  downloadLinkHours: number;
  /** The bearer token of `/metrics` beside the API; null when there is no such page. */
  metricsToken: string | null;
  /** The port of this machine where `/metrics` is served without a token; null when there is none. */
  metricsPort: number | null;
  /** What this process does: serve the API, do the background work, or both. */
  role: 'all' | 'api' | 'worker';
  /** How long calls under way may take after a stop signal. */
  drainSeconds: number;
  logLevel: string;
}

/** @param faults each begins with the name of its variable. @returns the error with which a server does not start. */
export function invalidEnvironment(...faults: string[]): Error {
  return new Error(['The environment is not valid:', ...faults.map((fault) => `  ${fault}`)].join('\n'));
}

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '::1']);

/**
 * Reads the configuration from environment variables. An empty variable counts as not set, except `EXTENSIONS`, where
 * empty means none.
 * @throws Error that names every invalid variable, and what is wrong with it.
 */
export function readConfig(variables: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([name, value]) => value !== '' || name === 'EXTENSIONS'),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw invalidEnvironment(...faults);
  }
  const env = parsed.data;
  const database = readDatabaseAddress(env.DATABASE_URL);
  if (database.kind === 'postgres' && env.SECRETS_KEY === undefined) {
    throw invalidEnvironment(
      'SECRETS_KEY: must be set with a PostgreSQL database, because every server of it needs the same one, e.g. from: openssl rand -hex 32',
    );
  }
  const filesBeside = database.kind === 'sqlite' ? database.file : 'data/trigger';
  return {
    port: env.PORT,
    host: env.HOST,
    database,
    filesBeside,
    publicBaseUrl: env.PUBLIC_BASE_URL?.replace(/\/+$/, '') ?? null,
    bootstrapApiKey: env.BOOTSTRAP_API_KEY ?? null,
    seedDemo: env.SEED_DEMO,
    secretsKeys: env.SECRETS_KEY ?? null,
    defaultConcurrencyLimit: env.DEFAULT_ORG_CONCURRENCY_LIMIT,
    maxQueuedCalls: env.MAX_QUEUED_CALLS,
    signup: readSignup(env),
    trustProxy: env.TRUST_PROXY,
    requestsPerSecond: { perKey: env.KEY_REQUESTS_PER_SECOND, perAddress: env.ADDRESS_REQUESTS_PER_SECOND },
    extensions: new Set(
      env.EXTENSIONS === undefined ? extensions : extensions.filter((name) => env.EXTENSIONS?.includes(name)),
    ),
    sandboxStepMilliseconds: env.SANDBOX_STEP_MS,
    carrierBaseUrls: readCarrierBaseUrls(given),
    allowedPrivateTargets: env.ALLOWED_PRIVATE_TARGETS ?? [],
    ttsCommand: wordsOf(env.TTS_COMMAND),
    sttCommand: wordsOf(env.STT_COMMAND),
    artifactsFolder: env.ARTIFACTS_DIR ?? join(dirname(filesBeside), 'artifacts'),
    isArtifactsFolderGiven: env.ARTIFACTS_DIR !== undefined,
    artifactsBucket: readBucket(env),
    model: readModel(env),
    talkLimits: {
      turns: env.TALK_MAX_TURNS,
      tokens: Math.min(env.TALK_MAX_TOKENS, affordableTokens(env)),
      replyTokens: env.TALK_MAX_REPLY_TOKENS,
      saidCharacters: env.TALK_MAX_SAID_CHARACTERS,
    },
    downloadLinkHours: env.DOWNLOAD_LINK_HOURS,
    metricsToken: env.METRICS_TOKEN ?? null,
    metricsPort: env.METRICS_PORT ?? null,
    role: env.ROLE,
    drainSeconds: env.DRAIN_SECONDS,
    logLevel: env.LOG_LEVEL,
  };
}

/** @throws Error with a text for people when it is no address of a database. */
export function readDatabaseAddress(text: string): DatabaseAddress {
  if (!databaseAddress.test(text)) throw new Error(`The address of a database ${databaseAddressForm}`);
  if (text.startsWith('file:')) {
    const file = text.slice('file:'.length);
    return { kind: 'sqlite', file, shown: file };
  }
  const shown = new URL(text);
  shown.password = '';
  return { kind: 'postgres', url: text, shown: shown.href };
}

/**
 * Any server of a PostgreSQL database may be the one that erases a recording. It finds only what is in the store that all
 * of them share, and the default folder is on each machine another one.
 * @returns what to set, as a text for people; null when nothing is wrong.
 */
export function wrongStoreOfRecordings(
  config: Pick<Config, 'database' | 'isArtifactsFolderGiven' | 'artifactsBucket'>,
): string | null {
  const { database, isArtifactsFolderGiven, artifactsBucket } = config;
  if (database.kind === 'sqlite' || isArtifactsFolderGiven || artifactsBucket !== null) return null;
  return 'with a PostgreSQL database, set ARTIFACTS_S3_BUCKET, or ARTIFACTS_DIR to a folder that all its servers share: otherwise a server cannot erase a recording that another one has stored.';
}

/** @throws Error when other variables of the bucket are set without it, or the folder is set, too. */
/** A command as it is started without a shell: its program and its arguments. */
function wordsOf(command: string): string[] {
  return command.split(/\s+/).filter((word) => word !== '');
}

function readBucket(env: z.infer<typeof environment>): BucketConfig | null {
  const { ARTIFACTS_S3_BUCKET: bucket, ARTIFACTS_S3_ENDPOINT: endpoint = null } = env;
  if (bucket === undefined) {
    if (endpoint === null) return null;
    throw invalidEnvironment('ARTIFACTS_S3_BUCKET: must be set with ARTIFACTS_S3_ENDPOINT');
  }
  if (env.ARTIFACTS_DIR !== undefined) {
    throw invalidEnvironment(
      'ARTIFACTS_DIR: recordings are kept in a folder or in a bucket: unset it, or ARTIFACTS_S3_BUCKET',
    );
  }
  return {
    bucket,
    prefix: env.ARTIFACTS_S3_PREFIX,
    endpoint,
    region: env.ARTIFACTS_S3_REGION,
    isPathStyle: env.ARTIFACTS_S3_PATH_STYLE ?? endpoint !== null,
    encryption: env.ARTIFACTS_S3_ENCRYPTION ?? null,
    kmsKeyId: env.ARTIFACTS_S3_KMS_KEY ?? null,
  };
}

/** How many tokens cost no more than a conversation may. Without a price, the cost is not limited. */
function affordableTokens(env: {
  LLM_PRICE_PER_MILLION?: number | undefined;
  TALK_MAX_COST: number;
}): number {
  const { LLM_PRICE_PER_MILLION: price } = env;
  return price === undefined ? Infinity : Math.floor((env.TALK_MAX_COST / price) * 1_000_000);
}

const openAiBaseUrl = 'https://api.openai.com/v1';

/** A key alone means OpenAI itself. @throws Error for a model without an address or key, or an address without a model. */
function readModel(env: {
  LLM_BASE_URL?: string | undefined;
  LLM_API_KEY?: string | undefined;
  LLM_MODEL?: string | undefined;
}): ModelConfig | null {
  const { LLM_BASE_URL: baseUrl, LLM_API_KEY: apiKey = null, LLM_MODEL: name } = env;
  if (baseUrl === undefined && apiKey === null) {
    if (name === undefined) return null;
    throw invalidEnvironment('LLM_MODEL: needs LLM_BASE_URL, or LLM_API_KEY of OpenAI');
  }
  if (name === undefined) {
    throw invalidEnvironment('LLM_MODEL: must name the model, such as gpt-4.1 or llama3.1');
  }
  return { baseUrl: (baseUrl ?? openAiBaseUrl).replace(/\/+$/, ''), apiKey, name };
}

/** A server that others can reach must not allow sign-up unless the operator says so. */
function readSignup(env: {
  SIGNUP_ENABLED?: boolean | undefined;
  HOST: string;
  PUBLIC_BASE_URL?: string | undefined;
}): Config['signup'] {
  if (env.SIGNUP_ENABLED !== undefined) return env.SIGNUP_ENABLED ? 'open' : 'closed';
  // With a proxy or a tunnel in front, only the request shows whether its caller is local.
  return loopbackHosts.has(env.HOST) && env.PUBLIC_BASE_URL === undefined ? 'local' : 'closed';
}

const baseUrlVariable = /^([A-Z]+)_API_BASE_URL$/;

/** Accepts any vendor name, because only the registry of providers knows them. */
function readCarrierBaseUrls(variables: Record<string, string | undefined>): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(variables)) {
    const vendor = baseUrlVariable.exec(name)?.[1];
    if (vendor === undefined || value === undefined) continue;
    const url = z.url({ protocol: /^https?$/ }).safeParse(value);
    if (!url.success || new URL(url.data).pathname !== '/') {
      throw invalidEnvironment(
        `${name}: must be scheme, host and port alone, such as https://api.example.com`,
      );
    }
    found.set(vendor.toLowerCase(), new URL(url.data).origin);
  }
  return found;
}
