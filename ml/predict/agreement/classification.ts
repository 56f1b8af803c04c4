/**
 * Classification: how often two answers have the same first choice.
 *
 * @module
 */
import type { Agreement } from "../agreement.ts";

/** What `ml/predict/agreement/<task>.ts` exports. */
export const agreement: Agreement = {
  name: "same Top-1",
  meaning: "Of how many pictures T's first choice is the same, in percent.",
  start() {
    let [same, all] = [0, 0];
    return {
      add(shown, original) {
        if (firstChoice(shown) === firstChoice(original)) same++;
        all++;
      },
      percent: () => all === 0 ? null : 100 * same / all,
    };
  },
};

function firstChoice({ found }: { found: unknown }): string {
  return (found as { label: string }[])[0].label;
}
