/**
 * The context of a node's `execute`, without n8n. Parameters are evaluated by n8n's own workflow engine. The HTTP
 * helper sends real requests, with the options and errors of n8n 2.41 (`@n8n/backend-network`, `n8n-core`).
 */
import { Agent } from 'node:https';
import axios, { type AxiosRequestConfig } from 'axios';
import {
  createRunExecutionData,
  NodeApiError,
  NodeHelpers,
  NodeOperationError,
  Workflow,
  WorkflowDataProxy,
  type IAdditionalCredentialOptions,
  type IBinaryData,
  type IContextObject,
  type IDataObject,
  type IExecuteFunctions,
  type IHttpRequestOptions,
  type ILoadOptionsFunctions,
  type IN8nHttpFullResponse,
  type INode,
  type INodeType,
  type INodeParameters,
  type ITaskData,
  type JsonObject,
  type NodeExecutionHint,
  type NodeParameterValueType,
  type WorkflowExecuteMode,
} from 'n8n-workflow';
import { DograhApi } from '../../n8n-node/credentials/DograhApi.credentials';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import type { RequestContext } from '../../n8n-node/nodes/Dograh/runtime/transport';

export interface N8nCredential {
  baseUrl: string;
  apiKey: string;
  webhookSecret?: string;
  ignoreSslIssues?: boolean;
  allowInsecure?: boolean;
}

export interface N8nContextOptions extends N8nCredential {
  /** The `json` of each input item (default: one empty item). */
  items?: IDataObject[];
  /** The file in the binary field `data` of each item. */
  files?: Buffer[];
  /** As in a workflow's JSON. Missing ones have the node's defaults, and `={{ … }}` is evaluated per item. */
  parameters: INodeParameters;
  /** The credential's evaluated expressions for an item. */
  credentialOfItem?: (itemIndex: number) => Partial<N8nCredential>;
  /** The setting On Error. */
  onError?: INode['onError'];
  /** The older setting for the same, which saved workflows may contain. */
  continueOnFail?: boolean;
  /** The node's context data. Pass the same object to run the node again in the same execution, like Retry On Fail. */
  nodeContext?: IContextObject;
  /** The run index: 1 in the second round of a loop. */
  runIndex?: number;
  executionId?: string;
  /** How the execution was started (default: by a trigger). `retry` is a retry from the editor. */
  mode?: WorkflowExecuteMode;
  /** The `json` of the trigger's items. Without it the workflow has no other node. */
  startedBy?: IDataObject[];
  /** The type of that trigger, among the nodes of n8n itself (default: `formTrigger`). */
  triggerType?: string;
  /** Whether the node runs as an AI agent's tool, which has other fields. */
  asTool?: boolean;
  /** Receives the hints for the editor. Without it the context has no hints, as in a tool of n8n 1.85. */
  hints?: NodeExecutionHint[];
  /** Aborted when the user stops the execution. */
  cancelSignal?: AbortSignal;
}

/** n8n's own settings of axios: no default content type, no proxy from axios itself, five minutes. */
const http = axios.create({ proxy: false, timeout: 300_000 });
http.defaults.headers.post = {};
http.defaults.headers.put = {};

/** The context for the node's `execute`. */
export function n8nContext(options: N8nContextOptions): IExecuteFunctions {
  const { items = [{}], runIndex = 0, executionId = '231', nodeContext = {}, startedBy } = options;
  const { workflow, node } = workflowWith(
    options.parameters,
    options.asTool ? toolOf(new Dograh()) : undefined,
    startedBy && triggerNode(options.triggerType),
  );
  if (options.onError) node.onError = options.onError;
  const inputData = items.map((json, item) => ({ json, pairedItem: { item } }));
  const runExecutionData = createRunExecutionData({
    executionData: { contextData: { [`node:${node.name}`]: nodeContext } },
    resultData: { runData: startedBy ? { [triggerName]: [triggerRun(startedBy)] } : {} },
  });

  function readParameter(name: string, itemIndex: number, fallback?: NodeParameterValueType) {
    const raw = valueAt(node.parameters, name) ?? fallback;
    if (raw === undefined) throw new Error(`Could not get parameter "${name}"`);
    return workflow.expression.getParameterValue(
      raw,
      runExecutionData,
      runIndex,
      itemIndex,
      node.name,
      inputData,
      'manual',
      {},
    );
  }

  const context: Partial<IExecuteFunctions> = {
    getInputData: () => inputData,
    getNode: () => node,
    getWorkflow: () => ({ id: workflow.id, name: workflow.name, active: false }),
    getInstanceId: () => 'instance-1',
    getMode: () => options.mode ?? 'trigger',
    getParentNodes: (name) =>
      workflow.getParentNodes(name).map((parent) => ({
        name: parent,
        type: workflow.getNode(parent)?.type ?? '',
        typeVersion: 1,
        disabled: false,
      })),
    getTimezone: () => 'Europe/Vienna',
    getExecutionId: () => executionId,
    getExecutionCancelSignal: () => options.cancelSignal,
    getCredentials: options.credentialOfItem
      ? <T>(_type: string, itemIndex = 0) =>
          Promise.resolve({ ...options, ...options.credentialOfItem?.(itemIndex) } as T)
      : credentialGetter(options),
    continueOnFail: () => options.continueOnFail ?? node.onError?.startsWith('continue') ?? false,
    getContext: (type: 'node' | 'flow') => NodeHelpers.getContext(runExecutionData, type, node),
    getWorkflowDataProxy: (itemIndex: number) =>
      new WorkflowDataProxy(
        workflow,
        runExecutionData,
        runIndex,
        itemIndex,
        node.name,
        inputData,
        {},
        'manual',
        {},
      ).getDataProxy(),
    getNodeParameter: readParameter as IExecuteFunctions['getNodeParameter'],
    helpers: {
      httpRequestWithAuthentication,
      httpRequest,
      prepareBinaryData,
      getBinaryDataBuffer: (itemIndex, field) => {
        const file = field === 'data' ? options.files?.[itemIndex] : undefined;
        if (file) return Promise.resolve(file);
        const where = `[item ${String(itemIndex)}]`;
        const message = `This operation expects the node's input data to contain a binary file, but none was found ${where}`;
        return Promise.reject(new NodeOperationError(node, message));
      },
    } as IExecuteFunctions['helpers'],
  };
  const { hints } = options;
  if (hints) context.addExecutionHints = (...added) => void hints.push(...added);
  return context as IExecuteFunctions;
}

/** The context for list searches in the editor: without items and without an execution. */
export function n8nLoadOptionsContext(
  credential: N8nCredential,
  parameters: INodeParameters = {},
): ILoadOptionsFunctions {
  const { node } = workflowWith(parameters);
  const context: Partial<ILoadOptionsFunctions> = {
    getNode: () => node,
    getCredentials: credentialGetter(credential),
    getCurrentNodeParameter: (name: string) => valueAt(node.parameters, name),
    helpers: { httpRequestWithAuthentication } as ILoadOptionsFunctions['helpers'],
  };
  return context as ILoadOptionsFunctions;
}

/** Evaluates expressions with `$credentials`, like n8n for `authenticate` and `test`. */
export function evaluateWithCredentials(
  value: NodeParameterValueType,
  $credentials: N8nCredential,
): NodeParameterValueType {
  const { workflow, node } = workflowWith({});
  return workflow.expression.getParameterValue(value, null, 0, 0, node.name, [], 'internal', {
    $credentials,
  });
}

function toolOf(nodeType: INodeType): INodeType {
  const { description } = nodeType;
  return { ...nodeType, description: { ...description, name: `${description.name}Tool` } };
}

const triggerName = 'When a lead comes in';

function triggerNode(name = 'formTrigger'): INode {
  const type = `n8n-nodes-base.${name}`;
  return { id: 't0', name: triggerName, type, typeVersion: 1, position: [0, 0], parameters: {} };
}

function triggerRun(items: IDataObject[]): ITaskData {
  const data = { main: [items.map((json) => ({ json }))] };
  return { startTime: 0, executionIndex: 0, executionTime: 0, source: [], data };
}

/** A workflow with one node, after a trigger if there is one. */
export function workflowWith(
  parameters: INodeParameters,
  nodeType: INodeType = new Dograh(),
  trigger?: INode,
): { workflow: Workflow; node: INode } {
  const node: INode = {
    id: 'a0b1',
    name: 'Call the lead',
    type: `n8n-nodes-dograh.${nodeType.description.name}`,
    typeVersion: 1,
    position: [0, 0],
    parameters,
    credentials: { dograhApi: { id: '1', name: 'Dograh' } },
  };
  const workflow = new Workflow({
    id: 'workflow-1',
    nodes: trigger ? [trigger, node] : [node],
    connections: trigger ? { [trigger.name]: { main: [[{ node: node.name, type: 'main', index: 0 }]] } } : {},
    active: false,
    nodeTypes: {
      getByName: () => nodeType,
      getByNameAndVersion: () => nodeType,
      getKnownTypes: () => ({}),
    },
  });
  return { workflow, node };
}

export function credentialGetter({
  baseUrl,
  apiKey,
  webhookSecret,
  ignoreSslIssues,
  allowInsecure,
}: N8nCredential): IExecuteFunctions['getCredentials'] {
  return <T>() => Promise.resolve({ baseUrl, apiKey, webhookSecret, ignoreSslIssues, allowInsecure } as T);
}

/** Reads nested parameters by their path, like n8n, such as `variables.parameters`. */
export function valueAt(parameters: INodeParameters, path: string): NodeParameterValueType | undefined {
  const [name = '', ...rest] = path.split('.');
  const value = parameters[name];
  return rest.length === 0 ? value : valueAt((value ?? {}) as INodeParameters, rest.join('.'));
}

export async function httpRequestWithAuthentication(
  this: RequestContext,
  _credentialType: string,
  options: IHttpRequestOptions,
  additional?: IAdditionalCredentialOptions,
): Promise<unknown> {
  // During an execution n8n replaces the signal by the execution's own.
  if ('getExecutionCancelSignal' in this) options.abortSignal = this.getExecutionCancelSignal();
  const given = additional?.credentialsDecrypted?.data as N8nCredential | undefined;
  const credential = given ?? (await this.getCredentials<N8nCredential>('dograhApi'));
  const { headers } = new DograhApi().authenticate.properties;
  const evaluated = evaluateWithCredentials(headers as INodeParameters, credential) as IDataObject;
  options.headers = { ...options.headers, ...evaluated };
  try {
    return await send(options);
  } catch (error) {
    throw new NodeApiError(this.getNode(), error as JsonObject);
  }
}

/** Without the credential. Like n8n's helper it follows redirects by default. */
async function httpRequest(options: IHttpRequestOptions): Promise<unknown> {
  return send(options);
}

/** Like n8n when it stores files in the execution. */
function prepareBinaryData(bytes: Buffer, fileName: string, mimeType: string): Promise<IBinaryData> {
  return Promise.resolve({ data: bytes.toString('base64'), fileName, mimeType });
}

async function send(options: IHttpRequestOptions): Promise<unknown> {
  const request: AxiosRequestConfig = {
    method: options.method,
    url: options.url,
    headers: { 'User-Agent': 'n8n', ...(options.headers as Record<string, string>) },
    timeout: options.timeout,
    maxBodyLength: Infinity,
    maxContentLength: Infinity,
  };
  if (options.body) request.data = options.body;
  if (options.abortSignal) request.signal = options.abortSignal;
  if (options.disableFollowRedirect) request.maxRedirects = 0;
  if (options.encoding) request.responseType = options.encoding;
  if (options.skipSslCertificateValidation) request.httpsAgent = new Agent({ rejectUnauthorized: false });
  if (options.ignoreHttpStatusErrors) request.validateStatus = () => true;
  const { data, headers, status, statusText } = await http.request<IN8nHttpFullResponse['body']>(request);
  return options.returnFullResponse
    ? { body: data, headers, statusCode: status, statusMessage: statusText }
    : data;
}
