import assert from "node:assert/strict";
import { clientEnvironment, explain } from "../../../../runner/execute/slurm/client.ts";
import {
  fateOf,
  isStuck,
  parseQueue,
  queueArguments,
} from "../../../../runner/execute/slurm/states.ts";

/** What programs of Slurm print, and what a person is told. */
const SAYINGS: [string, string, string][] = [
  [
    "sbatch: error: invalid partition specified: nope\n" +
    "sbatch: error: Batch job submission failed: Invalid partition name specified\n",
    "refused",
    "Invalid partition name specified; invalid partition specified: nope",
  ],
  [
    "sbatch: error: Batch job submission failed: Requested node configuration is not available\n",
    "refused",
    "Requested node configuration is not available",
  ],
  [
    `sbatch: unrecognized option '--foo'\nTry "sbatch --help" for more information\n`,
    "refused",
    "sbatch: unrecognized option '--foo'",
  ],
  [
    "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy " +
    "(job submit limit, user's size and/or time limits)\n",
    "busy",
    "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
  ],
  [
    'squeue: error: If munged is up, restart with --num-threads=10\nsqueue: error: Munge encode failed: Failed to access "/run/munge/munge.socket.2": No such file or directory\n' +
    "squeue: error: slurm_send_node_msg: auth_g_create: REQUEST_JOB_USER_INFO has authentication error\n" +
    "slurm_load_jobs error: Protocol authentication error\n",
    "unreachable",
    "munge, by which Slurm knows its users, is down: Munge encode failed: Failed to access " +
    '"/run/munge/munge.socket.2": No such file or directory',
  ],
  [
    "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n",
    "unreachable",
    "Slurm's controller does not answer: Unable to contact slurm controller " +
    "(connect failure)",
  ],
  [
    "squeue: error: fetch_config: DNS SRV lookup failed\n" +
    "squeue: fatal: Could not establish a configuration source\n",
    "unreachable",
    "Slurm is not configured here: Could not establish a configuration source",
  ],
  ["", "refused", "it did not say why (sbatch)"],
];

Deno.test("what Slurm prints becomes one line, and what can be done about it is known", () => {
  for (const [stderr, problem, message] of SAYINGS) {
    const found = explain("sbatch", stderr);
    assert.deepEqual([found.problem, found.message], [problem, message]);
  }
});

Deno.test("a runner inside a job does not hand that job's sizes on", () => {
  const env = { PATH: "/bin", SLURM_CONF: "/c", SLURM_MEM_PER_CPU: "9", SLURM_JOB_ID: "3" };
  assert.deepEqual(clientEnvironment(env), { PATH: "/bin", SLURM_CONF: "/c", LC_ALL: "C" });
});

Deno.test("the queue is asked for all jobs at once, those that ended included", () => {
  assert.deepEqual(queueArguments(7), [
    "--noheader",
    "--array",
    "--states=all",
    "--user=7",
    "--format=%i|%T|%r|%k",
  ]);
  assert.deepEqual(
    parseQueue("12|RUNNING|None|sr4ir:a:b:1\n3_4|PENDING|Resources|x|y\n\nnonsense\n"),
    [
      { id: "12", state: "RUNNING", reason: "None", comment: "sr4ir:a:b:1" },
      { id: "3_4", state: "PENDING", reason: "Resources", comment: "x|y" },
    ],
  );
});

Deno.test("a state that is not known is that of a job which goes on", () => {
  assert.equal(fateOf("BRAND_NEW"), "alive");
  assert.equal(fateOf("CANCELLED by 0"), "cancelled");
  assert.equal(fateOf("OUT_OF_MEMORY"), "memory");
});

Deno.test("a job is stuck if only a person can help it", () => {
  const entry = { id: "1", state: "PENDING", reason: "Priority", comment: "" };
  assert.equal(isStuck(entry), false);
  assert.equal(isStuck({ ...entry, reason: "JobHeldUser" }), true);
  assert.equal(isStuck({ ...entry, reason: "PartitionConfig" }), true);
  assert.equal(isStuck({ ...entry, reason: "PartitionConfig", state: "RUNNING" }), false);
});
