import { useState } from 'react';
import { useSignIn } from '../../api/session';
import { Button } from '../../ui/button';
import { Form, TextField } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { useAttempt } from '../../ui/use-attempt';

/** @param props.email the address to begin with. */
export function SignInForm(props: { email?: string; onSignedIn?: () => void }) {
  const { withPassword } = useSignIn();
  const [email, setEmail] = useState(props.email ?? '');
  const [password, setPassword] = useState('');
  const { pending, error, attempt } = useAttempt(async () => {
    await withPassword({ email, password });
    props.onSignedIn?.();
  });
  return (
    <Form onSubmit={attempt}>
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
        label="Password"
        type="password"
        autoComplete="current-password"
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
