/** Signs in with a one-time link. A user who has no password yet chooses one, and an e-mail address. */
import { useState } from 'react';
import { useSignIn } from '../../api/session';
import { Button } from '../../ui/button';
import { Form, TextField } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { useAttempt } from '../../ui/use-attempt';

/** @param props.onSignedIn called with the user, and the screen to begin with. */
export function LinkForm(props: { token: string; onSignedIn: (userId: number, path: string) => void }) {
  const { withLink } = useSignIn();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { pending, error, attempt } = useAttempt(async () => {
    const session = await withLink({
      token: props.token,
      ...(email === '' ? {} : { email }),
      ...(password === '' ? {} : { password }),
    });
    props.onSignedIn(session.user.id, session.can_reset_password ? '/account' : '/calls');
  });
  return (
    <Form onSubmit={attempt}>
      <p>
        This link signs you in once. The first time, choose an e-mail address and a password: with them you
        sign in from now on. If you have a password already, leave both fields empty; if you have forgotten
        it, you can choose another one on the next screen.
      </p>
      <TextField
        label="E-mail"
        type="email"
        autoComplete="username"
        value={email}
        onChange={(event) => {
          setEmail(event.target.value);
        }}
      />
      <TextField
        label="New password"
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => {
          setPassword(event.target.value);
        }}
      />
      {error !== null && <Notice error={error} />}
      <div>
        <Button type="submit" kind="primary" pending={pending}>
          Sign in
        </Button>
      </div>
    </Form>
  );
}
