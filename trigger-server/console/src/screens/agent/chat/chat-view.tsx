/** Talks with the agent by text: what was said, the step at which it stands, and the values that it has extracted. */
import type { TextChat } from '@dograh-trigger/shared';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { extractedValues, linesOfChat, stepOfChat } from '../../../api/conversation';
import { textOf } from '../../../api/logs';
import { Button } from '../../../ui/button';
import { ConversationView } from '../../../ui/conversation-view';
import { Form, TextField } from '../../../ui/field';
import { Notice } from '../../../ui/notice';
import { endingInWords } from '../../../ui/run-words';
import { Values } from '../../../ui/values';
import type { Editor } from '../editor/use-editor';
import styles from './chat.module.css';
import { useChat, type Chat } from './use-chat';

export default function ChatView({ editor }: { editor: Editor }) {
  const chat = useChat(editor.base.id);
  const { shown } = chat;
  return (
    <div className={styles.view}>
      {editor.isDirty && (
        <Notice tone="info">
          The chat runs the saved agent, without your unsaved changes. A saved change counts from the next
          message on.
        </Notice>
      )}
      {shown === null && (
        <p className={styles.soft}>
          Talk with the agent by typing, with its example values. No phone rings, and its tools are really
          called.
        </p>
      )}
      <div>
        <Button
          kind={shown === null ? 'primary' : 'secondary'}
          pending={chat.isStarting}
          onClick={() => chat.start()}
        >
          {shown === null ? 'Start the chat' : 'Start again'}
        </Button>
      </div>
      {chat.error !== null && <Notice error={chat.error} />}
      {shown !== null && <Opened key={shown.workflow_run_id} chat={chat} shown={shown} />}
    </div>
  );
}

function Opened({ chat, shown }: { chat: Chat; shown: TextChat }) {
  const [text, setText] = useState('');
  const log = useRef<HTMLDivElement>(null);
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [shown, chat.waiting]);
  const waiting = chat.waiting === null ? [] : [{ speaker: 'person' as const, at: '', text: chat.waiting }];
  return (
    <div className={styles.columns}>
      <div className={styles.talk}>
        <div ref={log} role="log" aria-label="Conversation" tabIndex={0} className={styles.log}>
          <ConversationView lines={[...linesOfChat(shown), ...waiting]} />
          {chat.waiting !== null && <p className={styles.soft}>The agent answers …</p>}
        </div>
        {shown.is_completed ? (
          <p>
            The conversation has ended.{' '}
            {endingInWords({
              reason: null,
              disposition: textOf(shown.gathered_context['call_disposition']) || null,
            })}{' '}
            <Link href={`/calls/${shown.workflow_run_id}`}>Its record</Link>
          </p>
        ) : (
          <Form
            onSubmit={() => {
              if (chat.waiting === null && text.trim() !== '') chat.send(text, () => setText(''));
            }}
          >
            <TextField
              label="What you say"
              value={text}
              maxLength={2000}
              autoComplete="off"
              onChange={({ target }) => setText(target.value)}
            />
            <div>
              <Button type="submit" kind="primary" pending={chat.waiting !== null}>
                Send
              </Button>
            </div>
          </Form>
        )}
      </div>
      <Standing shown={shown} />
    </div>
  );
}

function Standing({ shown }: { shown: TextChat }) {
  return (
    <aside aria-label="Where the chat stands" className={styles.standing}>
      <h3>Current step</h3>
      <p>{stepOfChat(shown)}</p>
      <h3>Extracted values</h3>
      <Values values={extractedValues(shown.gathered_context)} none="None yet." />
    </aside>
  );
}
