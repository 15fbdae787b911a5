/** The contexts of trigger nodes for subscribing, receiving a delivery and polling. They send real requests. */
import type {
  IDataObject,
  IHookFunctions,
  INodeParameters,
  INodeType,
  IPollFunctions,
  IWebhookFunctions,
} from 'n8n-workflow';
import {
  credentialGetter,
  httpRequestWithAuthentication,
  valueAt,
  workflowWith,
  type N8nCredential,
} from './n8n-context';

export interface TriggerContextOptions extends N8nCredential {
  nodeType: INodeType;
  /** Missing ones have the node's defaults. */
  parameters?: INodeParameters;
  /** The node's static data. Pass the same object again for the next run. */
  staticData: IDataObject;
  /** The memory of deliveries in the process is separate for each workflow. */
  workflowId?: string;
}

function common({ nodeType, parameters = {}, staticData, workflowId, ...credential }: TriggerContextOptions) {
  const { workflow, node } = workflowWith(parameters, nodeType);
  return {
    getNode: () => node,
    getWorkflow: () => ({ id: workflowId ?? workflow.id, name: workflow.name, active: true }),
    getCredentials: credentialGetter(credential),
    getWorkflowStaticData: () => staticData,
    getNodeParameter: ((name: string, fallback?: unknown) =>
      valueAt(node.parameters, name) ?? fallback) as IPollFunctions['getNodeParameter'],
    helpers: { httpRequestWithAuthentication } as IPollFunctions['helpers'],
  };
}

/** @param url the address of the node's webhook. */
export function hookContext(options: TriggerContextOptions, url: string): IHookFunctions {
  const context: Partial<IHookFunctions> = { ...common(options), getNodeWebhookUrl: () => url };
  return context as IHookFunctions;
}

export function pollContext(
  options: TriggerContextOptions,
  mode: 'manual' | 'trigger' = 'trigger',
): IPollFunctions {
  const context: Partial<IPollFunctions> = { ...common(options), getMode: () => mode };
  return context as IPollFunctions;
}

export interface Delivery {
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
}

/** The answer to the sender; null when the workflow was started. */
export interface SentReply {
  status: number | null;
}

export function webhookContext(
  options: TriggerContextOptions,
  { headers, body }: Delivery,
  mode: 'manual' | 'webhook' = 'webhook',
): { context: IWebhookFunctions; reply: SentReply } {
  const reply: SentReply = { status: null };
  const response = {
    status(status: number) {
      reply.status = status;
      return response;
    },
    json: () => response,
  };
  const context = {
    ...common(options),
    getMode: () => mode,
    getHeaderData: () => headers,
    getBodyData: () => (body === '' ? {} : (JSON.parse(body) as IDataObject)),
    getRequestObject: () => ({ rawBody: Buffer.from(body) }),
    getResponseObject: () => response,
  } as Partial<Record<keyof IWebhookFunctions, unknown>> as IWebhookFunctions;
  return { context, reply };
}
