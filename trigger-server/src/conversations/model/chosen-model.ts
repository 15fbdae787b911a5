/** A language model as it was chosen for a conversation, and the names under which it is noted. */
import type { Model } from '../engine/port';

export interface ChosenModel {
  model: Model;
  /** Whose API it is, as `runtime_configuration.llm_provider` of a run has it. */
  provider: string;
  /** The model's name in the configuration, as `runtime_configuration.llm_model` of a run has it. */
  name: string;
  /** What the keys of `usage_info.llm` begin with, as Dograh writes them: `<processor>|||<model>`. */
  processor: string;
  /** Whether it is the built-in script, which is no language model. */
  isScripted: boolean;
}
