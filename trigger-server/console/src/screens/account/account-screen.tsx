/** Who is signed in, the password, the colours, and the way out. */
import { useState } from 'react';
import { api } from '../../api/http';
import { useSession, useSignIn } from '../../api/session';
import { Button } from '../../ui/button';
import { Form, SelectField, TextField } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { Page, Section } from '../../ui/page';
import { chooseTheme, chosenTheme, type Theme } from '../../ui/theme';
import { useToast } from '../../ui/toast';
import { useAttempt } from '../../ui/use-attempt';

const themes: { value: Theme; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

export default function AccountScreen() {
  const { data: session } = useSession();
  const { signOut } = useSignIn();
  const [error, setError] = useState<unknown>(null);
  return (
    <Page title="Account" actions={<Button onClick={() => void signOut().catch(setError)}>Sign out</Button>}>
      {error !== null && <Notice error={error} />}
      <p>
        Signed in as <strong>{session?.user.email ?? 'a user without an e-mail address'}</strong>.
      </p>
      <ChangePassword />
      <Section title="Colours">
        <ChooseTheme />
      </Section>
    </Page>
  );
}

function ChangePassword() {
  const toast = useToast();
  const [current, setCurrent] = useState('');
  const [fresh, setFresh] = useState('');
  const { pending, error, attempt } = useAttempt(async () => {
    await api('POST', '/user/password', { body: { current_password: current, new_password: fresh } });
    setCurrent('');
    setFresh('');
    toast('Password changed. All other sessions have ended.');
  });
  return (
    <Section title="Password">
      <Form onSubmit={attempt}>
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={(event) => {
            setCurrent(event.target.value);
          }}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          hint="All other sessions end. API keys go on working."
          value={fresh}
          onChange={(event) => {
            setFresh(event.target.value);
          }}
        />
        {error !== null && <Notice error={error} />}
        <div>
          <Button type="submit" kind="primary" pending={pending}>
            Change the password
          </Button>
        </div>
      </Form>
    </Section>
  );
}

function ChooseTheme() {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <SelectField
      label="Theme"
      options={themes}
      value={theme}
      onChange={(event) => {
        const choice = themes.find(({ value }) => value === event.target.value)?.value ?? 'system';
        chooseTheme(choice);
        setTheme(choice);
      }}
    />
  );
}
