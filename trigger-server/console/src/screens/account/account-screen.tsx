/** Who is signed in, the password, the colours, and the way out. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/http';
import { sessionKey, useSession, useSignIn } from '../../api/session';
import { Button } from '../../ui/button';
import { Form, SelectField, TextField } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { Page, Section } from '../../ui/page';
import { chooseTheme, chosenTheme, type Theme } from '../../ui/theme';
import { useToast } from '../../ui/toast';
import { useAttempt } from '../../ui/use-attempt';
import { UserName } from '../../ui/user-name';

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
        Signed in as <UserName email={session?.user.email} />.
      </p>
      <ChangePassword isReset={session?.can_reset_password === true} />
      <Section title="Colours">
        <ChooseTheme />
      </Section>
    </Page>
  );
}

/** @param props.isReset whether the session came by a sign-in link, so that a forgotten password can be replaced. */
function ChangePassword({ isReset }: { isReset: boolean }) {
  const toast = useToast();
  const queries = useQueryClient();
  const [current, setCurrent] = useState('');
  const [fresh, setFresh] = useState('');
  const { pending, error, attempt } = useAttempt(async () => {
    const body = isReset ? { new_password: fresh } : { current_password: current, new_password: fresh };
    try {
      await api('POST', '/user/password', { body });
    } finally {
      // It works once, and for 15 minutes: after that the current password is asked for.
      if (isReset) await queries.invalidateQueries({ queryKey: sessionKey });
    }
    setCurrent('');
    setFresh('');
    toast('Password changed. All other sessions have ended.');
  });
  return (
    <Section title="Password">
      <Form onSubmit={attempt}>
        {isReset ? (
          <p>You came by a sign-in link, so you can choose a new password without the current one.</p>
        ) : (
          <TextField
            label="Current password"
            type="password"
            autoComplete="current-password"
            value={current}
            onChange={(event) => {
              setCurrent(event.target.value);
            }}
          />
        )}
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
