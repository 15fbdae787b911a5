/** The name of a user within a sentence: a user may have no e-mail address. */
export function UserName({ email }: { email: string | null | undefined }) {
  return (
    <strong>
      <bdi>{email ?? 'a user without an e-mail address'}</bdi>
    </strong>
  );
}
