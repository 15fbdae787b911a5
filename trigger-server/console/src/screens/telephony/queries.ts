/** What the telephony screens read. A change refreshes all of it: one account's number decides whether it is ready. */
import type { PhoneNumber, TelephonyConfiguration } from '@dograh-trigger/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { accountPath, accountsPath, telephonyKey } from '../../api/carriers';
import { api } from '../../api/http';

export function numberPath(number: Pick<PhoneNumber, 'id' | 'telephony_configuration_id'>): string {
  return `${accountPath(number.telephony_configuration_id)}/phone-numbers/${number.id}`;
}

export function useAccount(accountId: number) {
  return useQuery({
    queryKey: [telephonyKey, 'account', accountId],
    queryFn: ({ signal }) => api<TelephonyConfiguration>('GET', accountPath(accountId), { signal }),
  });
}

export function useNumbers(accountId: number) {
  return useQuery({
    queryKey: [telephonyKey, 'numbers', accountId],
    queryFn: async ({ signal }) => {
      type Reply = { phone_numbers: PhoneNumber[] };
      return (await api<Reply>('GET', `${accountPath(accountId)}/phone-numbers`, { signal })).phone_numbers;
    },
  });
}

/** A request that changes accounts or numbers. */
export function useTelephonyChange<Input, Reply>(send: (input: Input) => Promise<Reply>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: () => queries.invalidateQueries({ queryKey: [telephonyKey] }),
  });
}

/** Deletes an account. Its own screen is still there for a moment, so nothing is read anew before the next screen. */
export function useAccountRemoval() {
  const queries = useQueryClient();
  return async (accountId: number): Promise<void> => {
    await api('DELETE', accountPath(accountId));
    await queries.invalidateQueries({ queryKey: [telephonyKey], refetchType: 'none' });
  };
}

/** Adds an account with these settings. */
export function createAccount(body: unknown): Promise<TelephonyConfiguration> {
  return api<TelephonyConfiguration>('POST', accountsPath, { body });
}
