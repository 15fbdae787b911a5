/**
 * A node's surroundings in n8n, without n8n: n8n's own workflow engine evaluates the parameters, and the HTTP helper
 * really sends, with the options and the exceptions of n8n 2.41 (`@n8n/backend-network`, `n8n-core`).
 */
import axios, { type AxiosRequestConfig, type ResponseType } from 'axios';
import {
  createRunExecutionData,
  NodeApiError,
  NodeHelpers,
  Workflow,
  WorkflowDataProxy,
  type IContextObject,
  type IDataObject,
  type IExecuteFunctions,
  type IGetNodeParameterOptions,
  type IHttpRequestOptions,
  type ILoadOptionsFunctions,
  type IN8nHttpFullResponse,
  type INode,
  type INodeParameters,
  type JsonObject,
} from 'n8n-workflow';
import { DograhApi } from '../../n8n-node/credentials/DograhApi.credentials';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';

export interface N8nCredential {
  baseUrl: string;
  apiKey: string;
}

export interface N8nContextOptions extends N8nCredential {
  /** The `json` of each input item (default: one empty item). */
  items?: IDataObject[];
  /** As in a workflow's JSON: the rest is filled with the node's defaults, and `={{ … }}` is evaluated per item. */
  parameters: INodeParameters;
  continueOnFail?: boolean;
  /** Give the same object again to run the node once more in the same execution, as Retry On Fail does. */
  nodeContext?: IContextObject;
  /** Counts how often the execution came to the node: a loop's second round has 1. */
  runIndex?: number;
  executionId?: string;
  /** Aborted when the user stops the execution. */
  cancelSignal?: AbortSignal;
}

/** n8n's own settings of axios: no default content type, no proxy from axios itself, five minutes. */
const http = axios.create({ proxy: false, timeout: 300_000 });
http.defaults.headers.post = {};
http.defaults.headers.put = {};

/** What `execute` of the node is called with. */
export function n8nContext(options: N8nContextOptions): IExecuteFunctions {
  const { items = [{}], runIndex = 0, executionId = '231', nodeContext = {} } = options;
  const { workflow, node } = workflowWith(options.parameters);
  const inputData = items.map((json, item) => ({ json, pairedItem: { item } }));
  const runExecutionData = createRunExecutionData({
    executionData: { contextData: { [`node:${node.name}`]: nodeContext } },
  });

  const context: Partial<IExecuteFunctions> = {
    getInputData: () => inputData,
    getNode: () => node,
    getWorkflow: () => ({ id: workflow.id, name: workflow.name, active: false }),
    getInstanceId: () => 'instance-1',
    getExecutionId: () => executionId,
    getExecutionCancelSignal: () => options.cancelSignal,
    getCredentials: credentialGetter(options),
    continueOnFail: () => options.continueOnFail ?? false,
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
    getNodeParameter(
      name: string,
      itemIndex: number,
      fallback?: unknown,
      _options?: IGetNodeParameterOptions,
    ) {
      const raw = valueAt(node.parameters, name) ?? fallback;
      if (raw === undefined) throw new Error(`Could not get parameter "${name}"`);
      return workflow.expression.getParameterValue(
        raw as INodeParameters,
        runExecutionData,
        runIndex,
        itemIndex,
        node.name,
        inputData,
        'manual',
        {},
      );
    },
    helpers: { httpRequestWithAuthentication } as IExecuteFunctions['helpers'],
  };
  return context as IExecuteFunctions;
}

/** What a list of the editor is loaded with: no items, no execution, so nothing to stop either. */
export function n8nLoadOptionsContext(credential: N8nCredential): ILoadOptionsFunctions {
  const { node } = workflowWith({});
  const context: Partial<ILoadOptionsFunctions> = {
    getNode: () => node,
    getCredentials: credentialGetter(credential),
    helpers: { httpRequestWithAuthentication } as ILoadOptionsFunctions['helpers'],
  };
  return context as ILoadOptionsFunctions;
}

/** Evaluates an expression with `$credentials`, as n8n does for `authenticate` and `test`. */
export function evaluateWithCredentials(expression: string, $credentials: N8nCredential): unknown {
  const { workflow, node } = workflowWith({});
  return workflow.expression.getParameterValue(expression, null, 0, 0, node.name, [], 'internal', {
    $credentials,
  });
}

function workflowWith(parameters: INodeParameters): { workflow: Workflow; node: INode } {
  const nodeType = new Dograh();
  const node: INode = {
    id: 'a0b1',
    name: 'Call the lead',
    type: 'n8n-nodes-dograh.dograh',
    typeVersion: 1,
    position: [0, 0],
    parameters,
    credentials: { dograhApi: { id: '1', name: 'Dograh' } },
  };
  const workflow = new Workflow({
    id: 'workflow-1',
    nodes: [node],
    connections: {},
    active: false,
    nodeTypes: {
      getByName: () => nodeType,
      getByNameAndVersion: () => nodeType,
      getKnownTypes: () => ({}),
    },
  });
  return { workflow, node };
}

function credentialGetter({ baseUrl, apiKey }: N8nCredential): IExecuteFunctions['getCredentials'] {
  return (<T>() => Promise.resolve({ baseUrl, apiKey } as T)) as IExecuteFunctions['getCredentials'];
}

/** n8n reads `options.callerId` and the like by path. */
function valueAt(parameters: INodeParameters, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      parameters,
    );
}

async function httpRequestWithAuthentication(
  this: IExecuteFunctions | ILoadOptionsFunctions,
  _credentialType: string,
  options: IHttpRequestOptions,
): Promise<unknown> {
  // n8n overwrites the signal in contexts that have an execution to stop.
  if ('getExecutionCancelSignal' in this) options.abortSignal = this.getExecutionCancelSignal();
  const credential = await this.getCredentials<N8nCredential>('dograhApi');
  for (const [name, value] of Object.entries(new DograhApi().authenticate.properties.headers ?? {})) {
    options.headers = { ...options.headers, [name]: String(evaluateWithCredentials(String(value), credential)) };
  }
  try {
    return await send(options);
  } catch (error) {
    throw new NodeApiError(this.getNode(), error as JsonObject);
  }
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
  if (options.abortSignal) request.signal = options.abortSignal as AbortSignal;
  if (options.disableFollowRedirect) request.maxRedirects = 0;
  if (options.encoding) request.responseType = options.encoding as ResponseType;
  if (options.ignoreHttpStatusErrors) request.validateStatus = () => true;
  const { data, headers, status, statusText } = await http.request<IN8nHttpFullResponse['body']>(request);
  return options.returnFullResponse
    ? { body: data, headers, statusCode: status, statusMessage: statusText }
    : data;
}
