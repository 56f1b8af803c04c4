/**
 * Calls Slurm's programs and says in words what is wrong when they fail.
 *
 * @module
 */

/** Why a call failed. */
export type SlurmProblem =
  /** The program is not installed here. */
  | "missing"
  /** Slurm cannot be asked: no configuration, no munge, no controller. It may come back. */
  | "unreachable"
  /** It takes no more jobs for now. */
  | "busy"
  /** It understood, and will not do it. */
  | "refused";

/** A call that failed; the message is for a person, in one line. */
export class SlurmError extends Error {
  override name = "SlurmError";

  constructor(readonly problem: SlurmProblem, message: string) {
    super(message);
  }
}

/** Calls a program. @returns its standard output @throws {SlurmError} */
export type SlurmClient = (program: string, args: string[], stdin?: string) => Promise<string>;

/** Milliseconds after which a program is given up: those of Slurm try for a minute themselves. */
const PATIENCE = 90_000;

/** The client that starts the programs on the `PATH`. */
export const callSlurm: SlurmClient = async (program, args, stdin = "") => {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      clearEnv: true,
      env: clientEnvironment(Deno.env.toObject()),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(PATIENCE),
      detached: true, // Ctrl-C in a terminal is for the runner, which then still needs an answer
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new SlurmError("missing", `there is no ${program} here`);
  }
  const said = child.output(); // reads while we write
  await writeAll(child.stdin, stdin);
  const { code, signal, stdout, stderr } = await said;
  if (code === 0) return new TextDecoder().decode(stdout);
  if (signal !== null) throw new SlurmError("unreachable", `${program} does not come to an end`);
  throw explain(program, new TextDecoder().decode(stderr));
};

async function writeAll(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  try {
    await new Blob([text]).stream().pipeTo(stream);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // it ended first, and says why
  }
}

/**
 * The person's environment without what describes a job, in case the runner itself runs inside one:
 * `sbatch` would take its memory and tasks for wishes.
 */
export function clientEnvironment(env: Record<string, string>): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) =>
    !/^SLURM_/.test(name) || /^SLURM_(CONF|CLUSTERS|TIME_FORMAT)$/.test(name)
  );
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}

/** Puts what a program printed into a message. */
export function explain(program: string, stderr: string): SlurmError {
  const lines = stderr.split("\n").map((line) => line.replace(/^\w+:? (error|fatal): /, "").trim())
    .filter((line) => line !== "" && !/^Try ".*--help"/.test(line));
  const last = (lines.at(-1) ?? "it did not say why").replace(
    /^Batch job submission failed: /,
    "",
  );
  if (/munge|authentication/i.test(stderr)) {
    const said = lines.find((line) => /encode failed|decode failed/i.test(line)) ?? last;
    return new SlurmError("unreachable", `munge, by which Slurm knows its users, is down: ${said}`);
  }
  if (/fetch_config|configuration (source|file)|ClusterName/i.test(stderr)) {
    return new SlurmError("unreachable", `Slurm is not configured here: ${last}`);
  }
  if (/contact slurm controller|timed out|refused|Zero Bytes|Unexpected message/i.test(stderr)) {
    return new SlurmError("unreachable", `Slurm's controller does not answer: ${last}`);
  }
  if (/SubmitJob|submit limit|temporarily|job limit|AssocGrpSubmit/i.test(stderr)) {
    return new SlurmError("busy", last);
  }
  const detail = lines.length > 1 ? lines.slice(0, -1).filter((line) => line !== last) : [];
  return new SlurmError(
    "refused",
    [last, ...detail].join("; ") + (lines.length ? "" : ` (${program})`),
  );
}
