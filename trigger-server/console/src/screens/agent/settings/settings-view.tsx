/** How the agent's calls are answered, spoken and limited (`workflow_configurations`). */
import type { AgentConfigurations, JsonValue } from '@dograh-trigger/shared';
import { CheckboxField, SelectField, TextArea, TextField } from '../../../ui/field';
import { Section } from '../../../ui/page';
import type { Editor } from '../editor/use-editor';
import { numberFromText, textOf } from '../model/node-form';
import { voicemailOf, withSetting, withVoicemail, type Voicemail } from '../model/settings';
import { AnswerFields } from './answer-fields';
import { withCurrent } from './options';
import styles from './settings.module.css';

type SettingName = Extract<keyof AgentConfigurations, string>;

const voicemailActions = [
  { value: '', label: 'Speak as to a person; do not look for machines' },
  { value: 'speak', label: 'Speak, and note that a machine answered' },
  { value: 'hang_up', label: 'Hang up and say nothing' },
  { value: 'leave_message', label: 'Leave a message after the tone' },
];

/** @param props.fields what the server refused at the latest save, by the path in the body. */
export function SettingsView(props: { editor: Editor; fields: ReadonlyMap<string, string> }) {
  const { editor, fields } = props;
  const settings = editor.content.configurations;
  const change = (name: SettingName, value: JsonValue) =>
    editor.edit(
      (content) => ({ ...content, configurations: withSetting(content.configurations, name, value) }),
      `setting ${name}`,
    );
  const errorOf = (path: string) => fields.get(`workflow_configurations.${path}`);
  const text = (name: SettingName, label: string, hint: string, placeholder?: string) => (
    <TextField
      label={label}
      hint={hint}
      placeholder={placeholder}
      error={errorOf(name)}
      value={textOf(settings[name])}
      onChange={({ target }) => change(name, target.value)}
    />
  );
  const seconds = (name: SettingName, label: string, hint: string) => (
    <TextField
      label={label}
      hint={hint}
      inputMode="numeric"
      error={errorOf(name)}
      value={textOf(settings[name])}
      onChange={({ target }) => change(name, numberFromText(target.value))}
    />
  );
  const check = (name: SettingName, label: string, hint: string) => (
    <CheckboxField
      label={label}
      hint={hint}
      checked={settings[name] === true}
      onChange={({ target }) => change(name, target.checked ? true : null)}
    />
  );
  return (
    <div className={styles.columns}>
      <Section title="Answered calls">
        <AnswerFields editor={editor} errorOf={errorOf} />
        {settings['answer'] === 'stream' &&
          text('stream_url', 'Address of the stream', 'Begins with wss://, without a user name or password.')}
        {text('language', 'Language', 'A tag such as en-US or es-MX. Empty: en-US.', 'en-US')}
        {text('voice', 'Voice', 'The carrier’s name of a voice. Empty: one for the language.', 'Polly.Mia')}
        <VoicemailFields editor={editor} errorOf={errorOf} />
      </Section>
      <Section title="Limits and records">
        {seconds('ring_timeout_seconds', 'Ring for (seconds)', '5 to 120. Empty: 30.')}
        {seconds('max_call_duration', 'Longest call (seconds)', '1 to 1200. Empty: 300.')}
        {check(
          'recording_enabled',
          'Record the calls',
          'Where the carrier can. You must inform the people who are called.',
        )}
        {check(
          'strict_variables',
          'Refuse calls with missing variables',
          'A call is refused when a text uses a variable without a value and without a fallback.',
        )}
      </Section>
    </div>
  );
}

function VoicemailFields(props: { editor: Editor; errorOf: (path: string) => string | undefined }) {
  const { editor, errorOf } = props;
  const voicemail = voicemailOf(editor.content.configurations);
  const change = (part: Partial<Voicemail>) =>
    editor.edit(
      (content) => ({
        ...content,
        configurations: withVoicemail(content.configurations, {
          ...voicemailOf(content.configurations),
          ...part,
        }),
      }),
      'setting voicemail',
    );
  return (
    <>
      <SelectField
        label="When a machine answers"
        options={withCurrent(voicemailActions, voicemail.action)}
        error={errorOf('voicemail') ?? errorOf('voicemail.action')}
        value={voicemail.action}
        onChange={({ target }) => change({ action: target.value })}
      />
      {voicemail.action === 'leave_message' && (
        <TextArea
          label="Message"
          hint="{{variables}} are filled in. Empty: the greeting."
          rows={3}
          error={errorOf('voicemail.message')}
          value={voicemail.message}
          onChange={({ target }) => change({ message: target.value })}
        />
      )}
    </>
  );
}
