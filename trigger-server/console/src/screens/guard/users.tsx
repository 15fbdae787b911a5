/** Who can sign in to the organization. */
import type { OrganizationUser } from '@dograh-trigger/shared';
import { Badge } from '../../ui/badge';
import { Loaded } from '../../ui/loaded';
import { Section } from '../../ui/page';
import { Table } from '../../ui/table';
import { Time } from '../../ui/time';
import { useUsers } from './queries';

export function Users() {
  const users = useUsers();
  return (
    <Section title="Users">
      <p>
        Whoever runs the server makes a one-time sign-in link with <code>npm run admin -- sign-in-link</code>,
        for a user who has no password yet or has forgotten it.
      </p>
      <Loaded query={users} what="the users">
        {(list) => (
          <Table
            label="Users"
            columns={['E-mail', 'Name', 'Since', 'Signs in']}
            rows={list.map((user) => ({
              key: user.id,
              cells: [user.email, user.name ?? '', <Time at={user.created_at} />, <SignIn user={user} />],
            }))}
          />
        )}
      </Loaded>
    </Section>
  );
}

function SignIn({ user }: { user: OrganizationUser }) {
  return user.has_password ? (
    <Badge tone="good">With a password</Badge>
  ) : (
    <Badge tone="warn">By one-time link only</Badge>
  );
}

/** How the creator of something is shown; empty where nobody is known. */
export function nameOfUser(users: readonly OrganizationUser[] | undefined, id: number | null): string {
  const user = users?.find((one) => one.id === id);
  return user === undefined ? '' : (user.name ?? user.email);
}
