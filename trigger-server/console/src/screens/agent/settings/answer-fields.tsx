/** What an answered call gets: the greeting, a stream, or an agent of a Dograh. */
import { useAccounts, useCallerIds, useHolders, useRemoteAgents } from '../../../api/carriers';
import { SelectField, TextField } from '../../../ui/field';
import type { Editor } from '../editor/use-editor';
import { answerOf, withAnswer, type Answer } from '../model/settings';
import { withCurrent, type Option } from './options';

const answers = [
  { value: '', label: 'The server’s default' },
  { value: 'announce', label: 'Announce: say the greeting, then hang up' },
  { value: 'converse', label: 'Converse: talk by the prompts and transitions, with a language model' },
  { value: 'stream', label: 'Stream: connect a voice agent that runs elsewhere' },
  { value: 'dograh', label: 'Dograh: one of its agents holds the call' },
];

const environments = [
  { value: '', label: 'Production: the published version' },
  { value: 'test', label: 'Test: the draft' },
];

interface Props {
  answer: Answer;
  change: (part: Partial<Answer>) => void;
  errorOf: (path: string) => string | undefined;
}

export function AnswerFields(props: { editor: Editor; errorOf: Props['errorOf'] }) {
  const { editor, errorOf } = props;
  const answer = answerOf(editor.content.configurations);
  const change = (part: Partial<Answer>) =>
    editor.edit(
      (content) => ({
        ...content,
        configurations: withAnswer(content.configurations, { ...answerOf(content.configurations), ...part }),
      }),
      'setting answer',
    );
  return (
    <>
      <SelectField
        label="An answered call gets"
        options={withCurrent(answers, answer.mode)}
        error={errorOf('answer')}
        value={answer.mode}
        onChange={({ target }) => change({ mode: target.value })}
      />
      {answer.mode === 'dograh' && <AgentAtDograh answer={answer} change={change} errorOf={errorOf} />}
    </>
  );
}

function AgentAtDograh({ answer, change, errorOf }: Props) {
  const holders = useHolders();
  const accounts = (useAccounts().data ?? []).filter(({ provider }) => holders.includes(provider));
  const accountId = answer.account === '' ? onlyId(accounts) : Number(answer.account);
  const agents = useRemoteAgents(accountId);
  const callerIds = useCallerIds(accountId);
  const offered = (agents.data ?? []).map((agent) => ({
    value: `workflow/${agent.remote_uuid}`,
    label: agent.name,
  }));
  const telephony = new Map(
    (callerIds.data ?? []).map((number) => [
      String(number.telephony_configuration_id),
      number.telephony_configuration_name,
    ]),
  );
  return (
    <>
      <SelectField
        label="Account at Dograh"
        hint="Its agents are offered below."
        options={withCurrent(
          [
            { value: '', label: 'The default or only one' },
            ...accounts.map(({ id, name }) => ({ value: String(id), label: name })),
          ],
          answer.account,
        )}
        error={errorOf('answer.account_id')}
        value={answer.account}
        onChange={({ target }) => change({ account: target.value })}
      />
      {offered.length > 0 && (
        <SelectField
          label="Its agent"
          options={[{ value: '', label: 'Named below' }, ...offered]}
          value={offered.some(({ value }) => value === answer.agent) ? answer.agent : ''}
          onChange={({ target }) => change({ agent: target.value })}
        />
      )}
      <TextField
        label="Agent at Dograh"
        hint="Its trigger URL or its UUID. Telephony, Import agents makes an agent here for each one there."
        placeholder="workflow/0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0"
        error={
          errorOf('answer.agent') ?? (agents.isError ? 'The agents there cannot be read now.' : undefined)
        }
        value={answer.agent}
        onChange={({ target }) => change({ agent: target.value })}
      />
      <SelectField
        label="Version at Dograh"
        options={withCurrent(environments, answer.environment)}
        error={errorOf('answer.environment')}
        value={answer.environment}
        onChange={({ target }) => change({ environment: target.value })}
      />
      {(telephony.size > 0 || answer.telephony !== '') && (
        <SelectField
          label="Telephony at Dograh"
          hint="The caller ID is chosen by the call, of the numbers of the account here."
          options={withCurrent(telephonyOptions(telephony), answer.telephony)}
          error={errorOf('answer.telephony_configuration_id')}
          value={answer.telephony}
          onChange={({ target }) => change({ telephony: target.value })}
        />
      )}
    </>
  );
}

function onlyId(accounts: readonly { id: number; is_default_outbound: boolean }[]): number | null {
  const usual = accounts.find((account) => account.is_default_outbound);
  return usual?.id ?? (accounts.length === 1 ? (accounts[0]?.id ?? null) : null);
}

function telephonyOptions(names: ReadonlyMap<string, string>): Option[] {
  return [
    { value: '', label: 'Of the caller ID, or Dograh’s default' },
    ...Array.from(names, ([value, label]) => ({ value, label })),
  ];
}
