/**
 * Runs programs and keeps what they print.
 *
 * @module
 */

/** What a program left behind. */
export interface Ended {
  code: number;
  stdout: string;
  /** Wall time. */
  seconds: number;
}

/**
 * Runs a program; its standard error goes on to ours.
 *
 * @param options.show pass its standard output on too, as it comes
 */
export async function run(
  [program, ...args]: string[],
  { show = false }: { show?: boolean } = {},
): Promise<Ended> {
  const begun = performance.now();
  const child = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const decoder = new TextDecoder();
  let stdout = "";
  for await (const bytes of child.stdout) {
    if (show) await Deno.stdout.write(bytes);
    stdout += decoder.decode(bytes, { stream: true });
  }
  const { code } = await child.status;
  return { code, stdout, seconds: (performance.now() - begun) / 1000 };
}

/**
 * Runs Deno and shows what it says.
 *
 * @throws {Error} if it fails
 */
export async function deno(...args: string[]): Promise<void> {
  const { code } = await run([Deno.execPath(), ...args], { show: true });
  if (code !== 0) throw new Error(`deno ${args.join(" ")} ended with ${code}`);
}
