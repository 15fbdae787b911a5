import { confidentialUrlPattern } from '@dograh-trigger/shared';
import type {
  IAuthenticateGeneric,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  INodeProperties,
} from 'n8n-workflow';

/** The base URL in the forms that the node accepts. An expression, because n8n evaluates it outside the node's code. */
const testedUrl = '$credentials.baseUrl.trim().replace(new RegExp("/*(/api/v1)?/*$"), "")';
const isConfidential = `new RegExp(${JSON.stringify(confidentialUrlPattern)}, "i").test($credentials.baseUrl.trim())`;
/** A name that never resolves (RFC 6761, 6.4): the key is sent to nobody, and n8n shows the name as the error. */
const refusedUrl = '"https://the-base-url-must-begin-with-https.invalid"';

const redirects = [301, 302, 303, 307, 308];

/** The API key of a Dograh organization, and the server that issued it. */
export class DograhApi implements ICredentialType {
  name = 'dograhApi';

  displayName = 'Dograh API';

  icon: Icon = { light: 'file:../icons/dograh.svg', dark: 'file:../icons/dograh.dark.svg' };

  documentationUrl = 'https://docs.dograh.com/configurations/api-keys';

  properties: INodeProperties[] = [
    {
      displayName: 'Base URL',
      name: 'baseUrl',
      type: 'string',
      default: 'https://api.dograh.com',
      required: true,
      placeholder: 'e.g. https://dograh.example.com',
      description:
        'Address of your Dograh server. A trailing slash or /api/v1 at the end makes no difference.',
    },
    {
      displayName: 'API Key',
      name: 'apiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      placeholder: 'e.g. dgr_…',
      description: 'An API key of your organization. Dograh shows it once, when it is created.',
    },
    {
      displayName: 'Webhook Secret',
      name: 'webhookSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      description:
        'Only for the Dograh Trigger on a server without subscriptions: the value that the Webhook node of the agent sends in the header X-Webhook-Secret',
    },
    {
      displayName: 'Ignore SSL Issues (Insecure)',
      name: 'ignoreSslIssues',
      type: 'boolean',
      default: false,
      description: 'Whether to connect even if SSL certificate validation is not possible',
    },
    {
      displayName: 'Allow Unencrypted HTTP (Insecure)',
      name: 'allowInsecure',
      type: 'boolean',
      default: false,
      description:
        'Whether to send the API key over http:// to a public address, where anybody on the way can read it. Addresses of this machine and of private networks are allowed without it.',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { 'X-API-Key': '={{$credentials.apiKey.trim()}}' } },
  };

  test: ICredentialTestRequest = {
    request: {
      baseURL: `={{$credentials.allowInsecure || ${isConfidential} ? ${testedUrl} : ${refusedUrl}}}`,
      url: '/api/v1/user/auth/user',
      skipSslCertificateValidation: '={{$credentials.ignoreSslIssues}}',
      // n8n would send the key to the target of a redirect, and report success for a URL that the node refuses.
      disableFollowRedirect: true,
    },
    rules: [
      ...redirects.map((value) => ({
        type: 'responseCode' as const,
        properties: {
          value,
          message: 'This Base URL redirects. Enter the address it leads to, with https.',
        },
      })),
      {
        type: 'responseCode',
        properties: {
          value: 401,
          message:
            'Dograh does not know this API key. Copy an active key of this server, or create a new one.',
        },
      },
      {
        type: 'responseCode',
        properties: {
          value: 404,
          message:
            'There is no Dograh API at this Base URL. Enter the address of the server, without a path.',
        },
      },
    ],
  };
}
