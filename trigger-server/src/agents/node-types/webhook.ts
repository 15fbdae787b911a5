import { choices, nodeType, noTransitions, property, rowProperty } from './declare';
import { nameProperty } from './shared-properties';

export const webhook = nodeType({
  name: 'webhook',
  display_name: 'Webhook',
  description: 'Sends a request when the call has ended.',
  llm_hint:
    'Not part of the conversation: no transitions. payload_template may use workflow_run_id, workflow_run_name, workflow_id, workflow_name, call_time, initial_context, gathered_context, cost_info, annotations, recording_url and transcript_url.',
  category: 'integration',
  icon: 'Link2',
  properties: [
    nameProperty('Webhook'),
    property({
      name: 'enabled',
      type: 'boolean',
      display_name: 'Enabled',
      description: 'While false, nothing is sent.',
      default: true,
    }),
    property({
      name: 'http_method',
      type: 'options',
      display_name: 'HTTP Method',
      description: 'GET and DELETE are sent without a body.',
      default: 'POST',
      options: choices({ GET: 'GET', POST: 'POST', PUT: 'PUT', PATCH: 'PATCH', DELETE: 'DELETE' }),
    }),
    property({
      name: 'endpoint_url',
      type: 'url',
      display_name: 'Endpoint URL',
      description: 'Where the request goes. Variables are not filled in here.',
      placeholder: 'https://crm.example.com/calls',
    }),
    property({
      name: 'credential_uuid',
      type: 'credential_ref',
      display_name: 'Authentication',
      description: 'The stored credential that is sent along.',
      llm_hint: 'A credential UUID, as list_credentials gives it.',
    }),
    property({
      name: 'custom_headers',
      type: 'fixed_collection',
      display_name: 'Custom Headers',
      description: 'Further headers. A secret does not belong here but into a credential.',
      properties: [
        rowProperty({
          name: 'key',
          type: 'string',
          display_name: 'Header Name',
          description: 'The name of the header, such as X-Source.',
          required: true,
        }),
        rowProperty({
          name: 'value',
          type: 'string',
          display_name: 'Header Value',
          description: 'Its value, as it is: variables are not filled in here.',
          required: true,
        }),
      ],
    }),
    property({
      name: 'payload_template',
      type: 'json',
      display_name: 'Payload Template',
      description:
        'The JSON object that is sent. {{variables}} of the run are filled in; call_disposition is added where it is missing.',
      default: {
        run_id: '{{workflow_run_id}}',
        call_disposition: '{{gathered_context.call_disposition}}',
        duration: '{{cost_info.call_duration_seconds}}',
        recording_url: '{{recording_url}}',
        transcript_url: '{{transcript_url}}',
      },
    }),
  ],
  example: {
    name: 'tell_the_crm',
    data: {
      name: 'Tell the CRM',
      http_method: 'POST',
      endpoint_url: 'https://crm.example.com/calls',
      payload_template: {
        customer: '{{initial_context.customer_id}}',
        outcome: '{{gathered_context.call_disposition}}',
      },
    },
  },
  // Each webhook node adds a row to the transaction that ends a call, and a request to a receiver.
  graph_constraints: { ...noTransitions, max_instances: 50 },
});
