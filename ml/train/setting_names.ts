/**
 * The names of the settings, in the order of tables: the six of the paper, then what goes beyond it.
 *
 * @module
 */

/** The paper's, as in pipeline files. */
export const SETTINGS = ["h2t", "l2t", "s2t", "t2s", "swt", "sr4ir"] as const;

/**
 * This project's own, not of the paper: S trained without labels for the T of H→T; and T trained
 * afterwards, as SR4IR trains it, while that S stands still.
 */
export const BEYOND = ["label_free", "label_free_t"] as const;

/** Name of a setting. */
export type SettingName = typeof SETTINGS[number] | typeof BEYOND[number];

/** All of them. */
export const ALL_SETTINGS: readonly SettingName[] = [...SETTINGS, ...BEYOND];

/** What the stage `train` trains; `label_free` needs no labels and has a stage of its own. */
export const TRAINED_SETTINGS = [...SETTINGS, "label_free_t"] as const;

/** Whether a setting has a super-resolution network. */
export function usesSr(setting: SettingName): boolean {
  return setting !== "h2t" && setting !== "l2t";
}
