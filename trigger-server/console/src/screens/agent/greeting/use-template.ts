/** A text's variables, and the text with their values, as the server fills them in. */
import type { JsonObject, TemplateVariable } from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';

/** Loaded when it is needed: it brings the contracts. */
function useRenderer() {
  return useQuery({
    queryKey: ['template-renderer'],
    staleTime: Infinity,
    queryFn: () => import('./template'),
  });
}

/** `text` is null until the renderer is there, and says what is wrong where the template cannot be filled in. */
export function useTemplate(
  template: string,
  values: JsonObject,
): { variables: readonly TemplateVariable[]; text: string | null } {
  const { data: renderer } = useRenderer();
  if (renderer === undefined) return { variables: [], text: null };
  return {
    variables: renderer.listTextVariables(template),
    text: renderer.preview(template, values, new Date()),
  };
}
