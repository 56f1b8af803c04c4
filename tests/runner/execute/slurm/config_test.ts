import assert from "node:assert/strict";
import { join } from "node:path";
import { formatDiagnostics, UserError } from "../../../../runner/diagnostic.ts";
import {
  defaultConfig,
  readClusterConfig,
  settingsFor,
} from "../../../../runner/execute/slurm/config.ts";
import { jobSeconds, sbatchArguments } from "../../../../runner/execute/slurm/options.ts";
import { testFolder } from "../../../helpers/folder.ts";
import { FakeCluster } from "./fake_cluster.ts";

const STAGES = ["evaluate", "train"];

async function read(text: string) {
  using dir = testFolder({ "cluster.yaml": text });
  return await readClusterConfig(join(dir.path, "cluster.yaml"), STAGES);
}

/** The message without the folder's name. */
async function complaint(text: string): Promise<string> {
  const error = await read(text).then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof UserError, `expected a mistake in ${text}`);
  return formatDiagnostics(error).replace(/\S*\/(cluster\.yaml)/g, "$1");
}

Deno.test("a file for a cluster is read, with defaults, and per stage", async () => {
  const config = await read(`
partition: gpu
account: vision
memory: 4GiB
time: 1h
max_time: 8h
grace: 2m
resubmit: 3
deno: /shared/bin/deno
sbatch: [--constraint=a100, --mail-type=FAIL]
uses:
  train: { partition: big, memory: 16GiB, gres: "gpu:a100" }
`);
  assert.deepEqual([config.time, config.max_time, config.grace], [3600, 28_800, 120]);
  assert.deepEqual([config.resubmit, config.deno], [3, "/shared/bin/deno"]);
  const train = settingsFor(config, "train");
  assert.deepEqual([train.partition, train.account, train.memory], ["big", "vision", 2 ** 34]);
  assert.equal(settingsFor(config, "evaluate").partition, "gpu");
  assert.deepEqual(defaultConfig(), {
    grace: 60,
    resubmit: 5,
    deno: Deno.execPath(),
    uses: {},
  });
});

Deno.test("what a stage asks for and what the cluster wants become arguments of sbatch", async () => {
  using slurm = new FakeCluster();
  const config = await read(
    "{ partition: gpu, qos: long, memory: 1GiB, gres: 'gpu:a100', sbatch: [--exclusive] }",
  );
  const job = slurm.job("it", { resources: { cpu: 3, gpu: 1 }, timeoutSeconds: 5400 });
  assert.deepEqual(sbatchArguments(job, 0, config), [
    "--no-requeue",
    "--nodes=1",
    "--ntasks=1",
    "--cpus-per-task=3",
    "--mem=1024M",
    "--gres=gpu:a100:1",
    "--time=01:31:00",
    "--signal=B:USR1@60",
    "--partition=gpu",
    "--qos=long",
    "--exclusive",
  ]);
});

Deno.test("a job lasts as long as the stage may, its grace, and no longer than the partition allows", () => {
  const config = { ...defaultConfig(), time: 1800, max_time: 7200 };
  const seconds = (timeoutSeconds: number | undefined, used = 0, graceSeconds?: number) =>
    jobSeconds({ uses: "train", timeoutSeconds, graceSeconds }, used, config);
  assert.equal(seconds(undefined), 1800);
  assert.equal(seconds(3600), 3660);
  assert.equal(seconds(3600, 0, 300), 3900);
  assert.equal(seconds(36_000), 7200);
  assert.equal(seconds(36_000, 35_000), 1060);
  assert.equal(seconds(3, 0, 5), 60, "Slurm counts in minutes");
  assert.equal(
    jobSeconds(
      { uses: "a", timeoutSeconds: undefined, graceSeconds: undefined },
      0,
      defaultConfig(),
    ),
    undefined,
  );
});

Deno.test("mistakes in the file name their place and what may stand there", async () => {
  assert.equal(
    await complaint("partitoin: gpu\n"),
    `error: unknown key "partitoin"
  cluster.yaml:1:1
  1 | partitoin: gpu
    | ^^^^^^^^^ did you mean "partition"?
  here may stand: partition, account, qos, memory, time, max_time, gres, sbatch, kubernetes, aws_batch, grace, resubmit, deno, uses
`,
  );
  assert.match(
    await complaint("time: soon"),
    /"time" must be a time such as 90s, 30m, 12h or 2d\n/,
  );
  assert.match(await complaint("memory: [1]"), /"memory" must be a size such as 2GiB/);
  assert.match(await complaint("resubmit: -1"), /"resubmit" must be a whole number from 0/);
  assert.match(await complaint("deno: bin/deno"), /"deno" must be an absolute path/);
  assert.match(
    await complaint("uses: { trian: {} }"),
    /no stage "trian"[^]*did you mean "train"\?/,
  );
  assert.match(await complaint("uses: { train: { grace: 1m } }"), /unknown key "uses.train.grace"/);
});

Deno.test("options of sbatch that would undo what the runner says are refused", async () => {
  for (
    const [option, message] of [
      ["--mem=3G", "must not be --mem: that is what memory says"],
      ["-p gpu", "must not be -p gpu: that is what partition says"],
      ["--gres=gpu:1", "must not be --gres: that is what gres says"],
      ["--array=0-3", "must not be --array: stages are run by it"],
      ["--wrap=ls", "must not be --wrap: stages are run by it"],
      ["gpu", "must be an option of sbatch such as --constraint=a100"],
    ]
  ) {
    assert.match(await complaint(`sbatch: ["${option}"]`), new RegExp(`"sbatch.0" ${message}`));
  }
  assert.deepEqual((await read("sbatch: [--requeue, --nice=5]")).sbatch, ["--requeue", "--nice=5"]);
});
