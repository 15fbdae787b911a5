/**
 * The two addresses of an agent's trigger node: to copy, with what to paste into a terminal, n8n and Zapier, and a call
 * into the sandbox to see it work.
 */
import { useState } from 'react';
import { Link } from 'wouter';
import { keyVariable } from '../../../api/curl';
import { CopyBlock, CopyLine } from '../../../ui/copy';
import { Notice } from '../../../ui/notice';
import { Tabs } from '../../../ui/tabs';
import type { Editor } from '../editor/use-editor';
import { n8nEntries, triggerCommand, zapierEntries, type TriggerEnvironment } from '../model/snippets';
import { Entries } from './entries';
import { SandboxCall } from './sandbox-call';
import { useUrls, type TriggerAddress } from './use-urls';
import styles from './trigger.module.css';

const tabs = [
  { name: 'test', label: 'Test URL' },
  { name: 'production', label: 'Production URL' },
] as const;

const meanings: Record<TriggerEnvironment, string> = {
  test: 'Calls with the draft, or with the published version while there is no draft.',
  production: 'Calls with the published version.',
};

export function TriggerPanel({ editor }: { editor: Editor }) {
  const [environment, choose] = useState<TriggerEnvironment>('test');
  const urls = useUrls(editor.base);
  const url = urls[environment];
  return (
    <Tabs label="Address" tabs={tabs} chosen={environment} onChoose={choose}>
      <p>{meanings[environment]}</p>
      {url === null ? (
        <Notice tone="info">
          {environment === 'test'
            ? 'The test URL is there as soon as the draft with this trigger is saved.'
            : 'The production URL is there as soon as a version with this trigger is published.'}
        </Notice>
      ) : (
        <Address key={environment} url={url} environment={environment} editor={editor} />
      )}
    </Tabs>
  );
}

function Address(props: { url: TriggerAddress; environment: TriggerEnvironment; editor: Editor }) {
  const { url, environment, editor } = props;
  const name = environment === 'test' ? 'the test URL' : 'the production URL';
  return (
    <>
      {!url.isEnabled && (
        <Notice tone="warn">
          This trigger is off: the address answers 404.{' '}
          {environment === 'test'
            ? 'Switch it on below, then save.'
            : 'Switch it on below, then save and publish.'}
        </Notice>
      )}
      <CopyLine text={url.address} what={name} />
      <p>
        Every request needs an API key in the header <code>X-API-Key</code>.{' '}
        <Link href="/guard">Make a key</Link>: it is shown once. The command below takes it from the variable{' '}
        <code>{keyVariable}</code>.
      </p>
      <CopyBlock
        text={triggerCommand(url.address, editor.content.testValues)}
        what={`a curl command for ${name}`}
      />
      <Entries
        title="n8n: node Dograh, resource Call, operation Place"
        entries={n8nEntries(url.address, environment)}
      />
      <Entries
        title="Zapier: app Dograh, action Start Call"
        entries={zapierEntries(url.address, environment)}
      />
      <div className={styles.sandbox}>
        <SandboxCall path={url.path} environment={environment} editor={editor} isEnabled={url.isEnabled} />
      </div>
    </>
  );
}
