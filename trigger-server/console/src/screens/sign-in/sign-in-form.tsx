import { useState } from 'react';
import { useSignIn } from '../../api/session';
import { Button } from '../../ui/button';
import { Form, TextField } from '../../ui/field';
import { Notice } from '../../ui/notice';

/** @param props.email the address to begin with. */
export function SignInForm(props: { email?: string; onSignedIn?: () => void }) {
  const { withPassword } = useSignIn();
  const [email, setEmail] = useState(props.email ?? '');
  const [password, setPassword] = useState('');
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function signIn(): Promise<void> {
    setPending(true);
    setError(null);
    try {
      await withPassword({ email, password });
      props.onSignedIn?.();
    } catch (failure) {
      setError(failure);
    } finally {
      setPending(false);
    }
  }
  return (
    <Form onSubmit={() => void signIn()}>
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
