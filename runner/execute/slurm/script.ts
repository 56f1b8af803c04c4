/**
 * What a job runs: a script for the shell that starts one stage's process, passes signals on to it,
 * and writes down how it ended. It needs neither the pipeline file nor the runner.
 *
 * @module
 */
import type { JobFiles } from "./record.ts";

/** What the script is made of. */
export interface ScriptOptions {
  files: JobFiles;
  /** Folder to start in. */
  project: string;
  /** Where standard output and error go. */
  log: string;
  /** Folders to empty first: a job that Slurm starts again must not find the last one's work. */
  outputs: string[];
  /** The whole environment of the process, but for {@link FROM_SLURM}. */
  env: Record<string, string>;
  /** Program and arguments. */
  command: string[];
}

/** Variables by which Slurm tells a job what is its own. */
const FROM_SLURM = [
  "SLURM_JOB_ID",
  "CUDA_VISIBLE_DEVICES",
  "GPU_DEVICE_ORDINAL",
  "ROCR_VISIBLE_DEVICES",
  "HIP_VISIBLE_DEVICES",
  "ZE_AFFINITY_MASK",
];

/** The script of one stage. */
export function stageScript(options: ScriptOptions): string {
  const { files, project, log, outputs, env, command } = options;
  const own = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`));
  const given = FROM_SLURM.map((name) => `\${${name}+"${name}=$${name}"}`);
  const folders = outputs.map(quote).join(" ");
  return `#!/bin/sh
# Runs one stage; written by the runner, which reads how it ended from the last file named here.
signal=-
heard=
child=
hear() {
  signal=$1
  heard=1
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
}
trap 'hear INT' INT
trap 'hear TERM' TERM
trap 'hear USR1' USR1
again() { # a process that is just being made does not hear
  sleep 0.2
  kill -TERM "$child" 2>/dev/null
}

exec >>${quote(log)} 2>&1 </dev/null
rm -f ${quote(files.exit)}
: >${quote(files.started)}
echo "job \${SLURM_JOB_ID-} on $(uname -n)"

code=127
${folders === "" ? "" : `rm -rf ${folders} && mkdir -p ${folders} && `}cd ${quote(project)} && {
  env -i ${[...own, ...given, ...command.map(quote)].join(" \\\n    ")} &
  child=$!
  [ -z "$heard" ] || again
  while :; do
    wait "$child"
    status=$?
    [ "$status" = 127 ] || code=$status
    [ -n "$heard" ] || break # else it was the signal that ended the waiting
    heard=
    again
  done
}
printf '%s %s\\n' "$code" "$signal" >${quote(`${files.exit}.new`)} &&
  mv -f ${quote(`${files.exit}.new`)} ${quote(files.exit)}
exit "$code"
`;
}

/** The script that `sbatch` is given: the scripts of one stage, or of one for each task of an array. */
export function dispatchScript(scripts: string[]): string {
  const cases = scripts.map((path, i) => `${i}) exec /bin/sh ${quote(path)} ;;\n`);
  return `#!/bin/sh\ncase "\${SLURM_ARRAY_TASK_ID:-0}" in\n${cases.join("")}esac\n`;
}

/** A word for the shell that means itself. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
