/**
 * The names of the six settings, in the order of the paper's tables.
 *
 * @module
 */

/** As in pipeline files. */
export const SETTINGS = ["h2t", "l2t", "s2t", "t2s", "swt", "sr4ir"] as const;

/** Name of a setting. */
export type SettingName = typeof SETTINGS[number];

/** Whether a setting has a super-resolution network. */
export function usesSr(setting: SettingName): boolean {
  return setting !== "h2t" && setting !== "l2t";
}
