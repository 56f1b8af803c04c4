/**
 * What a task contributes to telling how far its network says of one version of a picture what it
 * says of another. It takes no labels.
 *
 * @module
 */
import type { Answer } from "./answer.ts";

/** Collects pairs of answers, then scores them. */
export interface AgreementCount {
  /** @param original what T says of the original, which counts as right */
  add(shown: Answer, original: Answer): void;
  /** Percent; null if T found nothing that could agree. */
  percent(): number | null;
}

/** What `ml/predict/agreement/<task>.ts` exports as `agreement`. */
export interface Agreement {
  /** As tables call it, e.g. `F1`. */
  name: string;
  /** In a sentence, for people. */
  meaning: string;
  /** @param classes K, background included where the task has it */
  start(classes: number): AgreementCount;
}
