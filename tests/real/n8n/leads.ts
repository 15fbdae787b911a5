/** Triggers for new leads: a form, whose items contain the time, and a webhook, whose items do not. */
import type { TestNode } from './workflows';

export interface LeadStart {
  trigger: TestNode;
  /** Expressions of the fields, for a node behind the trigger. */
  phone: string;
  reference: string;
  /** Sends a lead. @throws when n8n refuses it. */
  send(baseUrl: string, lead: Lead): Promise<void>;
}

export interface Lead {
  phone: string;
  reference: string;
}

/** @param id names its address: no other workflow has it. */
export function byForm(id: string): LeadStart {
  return {
    trigger: {
      name: 'Lead',
      type: 'n8n-nodes-base.formTrigger',
      typeVersion: 2.2,
      webhookId: id,
      parameters: {
        formTitle: 'Lead',
        formFields: { values: [{ fieldLabel: 'Phone' }, { fieldLabel: 'Reference' }] },
      },
    },
    phone: '={{ $json.Phone }}',
    reference: '={{ $json.Reference }}',
    async send(baseUrl, { phone, reference }) {
      const body = new FormData();
      body.set('field-0', phone);
      body.set('field-1', reference);
      assertTaken(await fetch(`${baseUrl}/form/${id}`, { method: 'POST', body }));
    },
  };
}

/** @param id names its address: no other workflow has it. */
export function byWebhook(id: string): LeadStart {
  return {
    trigger: {
      name: 'Lead',
      type: 'n8n-nodes-base.webhook',
      typeVersion: 2,
      webhookId: id,
      parameters: { httpMethod: 'POST', path: id },
    },
    phone: '={{ $json.body.phone }}',
    reference: '={{ $json.body.reference }}',
    async send(baseUrl, lead) {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(lead);
      assertTaken(await fetch(`${baseUrl}/webhook/${id}`, { method: 'POST', headers, body }));
    },
  };
}

function assertTaken({ status, url }: Response): void {
  if (status !== 200) throw new Error(`n8n answered ${String(status)} to a lead at ${url}`);
}
