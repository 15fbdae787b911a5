/** What the dialog of the language model reads. */
import type { ModelConfigurationDefaults, ModelConfigurationReply } from '@dograh-trigger/shared';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../../api/http';

export const modelPath = '/organizations/model-configurations/v2';
export const modelKey = ['language-model'] as const;

export const modelQuery = queryOptions({
  queryKey: modelKey,
  queryFn: async ({ signal }) => {
    const [reply, defaults] = await Promise.all([
      api<ModelConfigurationReply>('GET', modelPath, { signal }),
      api<ModelConfigurationDefaults>('GET', `${modelPath}/defaults`, { signal }),
    ]);
    return { reply, defaults };
  },
});
