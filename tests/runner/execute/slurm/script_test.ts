import assert from "node:assert/strict";
import { join } from "node:path";
import { jobFiles, readExit } from "../../../../runner/execute/slurm/record.ts";
import { dispatchScript, quote, stageScript } from "../../../../runner/execute/slurm/script.ts";
import { testFolder } from "../../../helpers/folder.ts";

/** Writes the script of a stage whose process is `sh -c COMMAND`, in a folder with an odd name. */
function makeScript(dir: string, command: string, env: Record<string, string> = {}) {
  const work = join(dir, "it's a $folder");
  Deno.mkdirSync(join(work, "slurm"), { recursive: true });
  Deno.mkdirSync(join(work, "out/a"), { recursive: true });
  Deno.writeTextFileSync(join(work, "out/a/old"), "from the last time");
  const files = jobFiles(work, "t1");
  const text = stageScript({
    files,
    project: work,
    log: join(work, "log"),
    outputs: [join(work, "out/a")],
    env: { PATH: Deno.env.get("PATH") ?? "", ...env },
    command: ["sh", "-c", command],
  });
  Deno.writeTextFileSync(files.script, text);
  const log = () => Deno.readTextFileSync(join(work, "log")).replace(/^job .* on .*\n/, "");
  return { work, files, log };
}

const run = (shell: string, script: string, env: Record<string, string> = {}) =>
  new Deno.Command(shell, { args: [script], env, stdin: "null" }).spawn();

for (const shell of ["sh", "bash"]) {
  Deno.test(`${shell}: the script says how the process ended, and keeps what it printed`, async () => {
    using dir = testFolder();
    const { work, files, log } = makeScript(
      dir.path,
      'echo "$GREETING"; pwd; ls out/a; env | grep -c FOREIGN; echo new >out/a/new; exit 7',
      { GREETING: 'it\'s "me" $HOME `id`' },
    );
    const { code } = await run(shell, files.script, { FOREIGN: "1" }).status;
    assert.equal(code, 7);
    assert.deepEqual(readExit(files), { code: 7, signal: null });
    assert.equal(log(), `it's "me" $HOME \`id\`\n${work}\n0\n`);
    assert.deepEqual([...Deno.readDirSync(join(work, "out/a"))].map(({ name }) => name), ["new"]);
  });

  Deno.test(`${shell}: a signal reaches the process, which may take its time and still finish`, async () => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGUSR1"] as const) {
      using dir = testFolder();
      const { files, log } = makeScript(
        dir.path,
        'trap "stop=1" TERM; echo ready; while [ -z "$stop" ]; do sleep 0.02; done; sleep 0.1; exit 130',
      );
      const process = run(shell, files.script);
      while (!isReady(log)) await new Promise((resolve) => setTimeout(resolve, 10));
      process.kill(signal);
      assert.equal((await process.status).code, 130);
      assert.deepEqual(readExit(files), { code: 130, signal: signal.slice(3) });
    }
  });

  Deno.test(`${shell}: a process that a signal ends at once is told by its code`, async () => {
    using dir = testFolder();
    const { files, log } = makeScript(dir.path, "echo ready; exec sleep 60");
    const process = run(shell, files.script);
    while (!isReady(log)) await new Promise((resolve) => setTimeout(resolve, 10));
    process.kill("SIGINT");
    await process.status;
    assert.deepEqual(readExit(files), { code: 143, signal: "INT" });
  });
}

function isReady(log: () => string): boolean {
  try {
    return log().includes("ready");
  } catch {
    return false; // has not started
  }
}

Deno.test("only what Slurm says of GPUs and the job is passed on from where it runs", async () => {
  using dir = testFolder();
  const { files, log } = makeScript(dir.path, 'echo "$CUDA_VISIBLE_DEVICES $SLURM_JOB_ID $OTHER"');
  await run("sh", files.script, { CUDA_VISIBLE_DEVICES: "1", SLURM_JOB_ID: "12", OTHER: "no" })
    .status;
  assert.equal(log(), "1 12 \n");
});

Deno.test("a script that starts again takes its old ending back", async () => {
  using dir = testFolder();
  const { files } = makeScript(dir.path, "exit 0");
  await run("sh", files.script).status;
  assert.deepEqual(readExit(files), { code: 0, signal: null });
  const again = makeScript(dir.path, "sleep 60");
  const process = run("sh", again.files.script);
  while (readExit(files)) await new Promise((resolve) => setTimeout(resolve, 10));
  process.kill("SIGTERM");
  await process.status;
  assert.deepEqual(readExit(files), { code: 143, signal: "TERM" });
});

Deno.test("a job runs its own script, a task of an array the one of its number", async () => {
  using dir = testFolder();
  const scripts = ["a", "b"].map((name) => {
    const path = join(dir.path, `it's ${name}.sh`);
    Deno.writeTextFileSync(path, `echo ${name}\n`);
    return path;
  });
  const path = join(dir.path, "dispatch");
  Deno.writeTextFileSync(path, dispatchScript(scripts));
  const say = async (env: Record<string, string>) =>
    new TextDecoder().decode((await new Deno.Command("sh", { args: [path], env }).output()).stdout);
  assert.equal(await say({}), "a\n");
  assert.equal(await say({ SLURM_ARRAY_TASK_ID: "1" }), "b\n");
});

Deno.test("a quoted word means itself to a shell", () => {
  assert.equal(quote("it's $HOME"), `'it'\\''s $HOME'`);
});
