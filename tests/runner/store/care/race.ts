/**
 * Runners at work on a store while something else is done to it again and again.
 *
 * @module
 */
import assert from "node:assert/strict";

/**
 * Starts two runners and repeats `between` until they have ended.
 *
 * @param child module beside this one: `child STORE SEED ROUNDS`
 * @param rounds each runner has so many, or `RACE_ROUNDS`
 */
export async function race(
  child: string,
  store: string,
  rounds: number,
  between: () => Promise<void>,
): Promise<void> {
  const module = new URL(child, import.meta.url).href;
  const runners = [1, 2].map((seed) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", module, store, String(seed)],
        Deno.env.get("RACE_ROUNDS") ?? String(rounds),
      ],
      stderr: "piped",
      stdout: "null",
    }).spawn()
  );
  let running = true;
  const ended = Promise.all(runners.map((runner) => runner.output())).finally(() =>
    running = false
  );
  while (running) await between();
  for (const { code, stderr } of await ended) {
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  }
}
