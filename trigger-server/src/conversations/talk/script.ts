/** What the conversation of a run follows: its definition, its context, and the model of its organization. */
import { textChatMode, type AgentDefinition, type JsonObject } from '@dograh-trigger/shared';
import { loadConfigurations, loadDefinition } from '../../agents/resolve-trigger';
import { findProvider } from '../../carriers/registry';
import { describeError } from '../../describe-error';
import { Problem } from '../../problem';
import { promptContext } from '../../runs/prompt-context';
import type { RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import { usualLimits } from '../engine/limits';
import { ModelFailure, type Model } from '../engine/port';
import type { Script } from '../engine/script';
import type { ToolRunner } from '../engine/tools';
import type { ChosenModel } from '../model/chosen-model';
import { scriptedModel } from '../model/scripted-model';
import { readNodeTools, toolRunner } from '../tools/node-tools';
import { phrasesFor } from './phrases';

export interface Talk {
  script: Script;
  model: Model;
  /** What the keys of `usage_info.llm` begin with. */
  processor: string;
  tools: ToolRunner;
  /** Which model it is: `runtime_configuration` of the run's initial context. Empty where there is none. */
  runtime: JsonObject;
}

export async function loadTalk(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'secrets' | 'carrier' | 'log' | 'languageModel'>,
  run: RunRow,
): Promise<Talk> {
  const { config, storage, clock } = services;
  const { turns, tokens, saidCharacters } = config.talkLimits;
  const configurations = await loadConfigurations(storage.read, run.definition_id);
  const settings = configurations as JsonObject;
  const definition = await loadDefinition(storage.read, run.definition_id);
  const isSimulated = run.mode === textChatMode || findProvider(run.mode)?.isSimulated === true;
  const own = await ownModel(services, run.organization_id, settings);
  const chosen = own === null && isSimulated ? scriptedModel : typeof own === 'string' ? null : own;
  const runtime: JsonObject =
    chosen === null
      ? {}
      : { runtime_configuration: { llm_provider: chosen.provider, llm_model: chosen.name } };
  return {
    script: {
      definition,
      tools: await readNodeTools(storage.read, run.organization_id, toolsOf(definition)),
      context: { ...promptContext(run), ...runtime },
      phrases: phrasesFor(run.language ?? configurations.language ?? null, configurations),
      limits: { ...usualLimits, turns, tokens, saidCharacters },
      canTransfer: findProvider(run.mode)?.can.includes('transfer') === true,
      now: clock.now(),
    },
    model: chosen?.model ?? noModel(typeof own === 'string' ? own : 'No language model is configured'),
    processor: chosen?.processor ?? 'none',
    tools: toolRunner(services, run.organization_id),
    runtime,
  };
}

/** The UUIDs of the tools that its nodes refer to. */
function toolsOf({ nodes }: AgentDefinition): string[] {
  return nodes.flatMap(({ data: { tool_uuids: uuids } }) =>
    Array.isArray(uuids) ? uuids.filter((uuid) => typeof uuid === 'string') : [],
  );
}

/**
 * In words, why there is none although one is configured. That must not keep a call open: its conversation ends as one
 * whose model fails.
 */
async function ownModel(
  { languageModel, log }: Pick<Services, 'languageModel' | 'log'>,
  organizationId: number,
  settings: JsonObject,
): Promise<ChosenModel | string | null> {
  try {
    return await languageModel(organizationId, settings);
  } catch (error) {
    if (error instanceof ModelFailure) return error.message;
    if (!(error instanceof Problem)) throw error;
    log.error({ error: describeError(error) }, 'a model configuration cannot be read');
    return unreadable;
  }
}

const unreadable = 'The model configuration of the organization cannot be read: save it again';

function noModel(reason: string): Model {
  return { reply: () => Promise.reject(new ModelFailure(reason, 'refused')) };
}
