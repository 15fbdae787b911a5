/** The address for a webhook node of the agents at another server, so that the end of a call is known here at once. */
import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import { CopyLine } from '../../../ui/copy';
import { Section } from '../../../ui/page';

export function WebhookAddress({ account }: { account: TelephonyConfiguration }) {
  const { webhook_url: url } = account;
  if (url === undefined) return null;
  return (
    <Section title="Webhook address">
      {url === null ? (
        <p>
          The end of a call is found by asking, within seconds. To be told of it at once, the operator starts
          the server with PUBLIC_BASE_URL.
        </p>
      ) : (
        <>
          <p>
            Paste it into a webhook node (POST) of an agent there: a call then ends here as soon as it has
            ended there. Keep it to yourself: it contains a signature.
          </p>
          <CopyLine text={url} what="the webhook address" />
        </>
      )}
    </Section>
  );
}
