import assert from "node:assert/strict";
import { join } from "node:path";
import type { StageEvent } from "../../../../runner/execute/events.ts";
import { SlurmError } from "../../../../runner/execute/slurm/client.ts";
import { expectNoJob } from "../../../../runner/execute/slurm/left_behind.ts";
import { jobFiles, readRecord, writeRecord } from "../../../../runner/execute/slurm/record.ts";
import { ending, FakeCluster, until } from "./fake_cluster.ts";

const ignoreEvents = () => {};

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Deno.test("a stage becomes one job, whose script runs it without the runner", async () => {
  using slurm = new FakeCluster();
  const job = slurm.job("it", { resources: { cpu: 4, gpu: 2, memory: 3 * 2 ** 30 } });
  const events: StageEvent[] = [];
  const running = slurm.executor().start(job, (event) => events.push(event));
  const id = await slurm.untilSubmitted(job, 1);
  const args = slurm.submitted[0].map((arg) => arg.replace(/:[0-9a-f]{8}:1$/, ":TOKEN"));
  assert.deepEqual(args, [
    "--parsable",
    "--job-name=it",
    `--comment=sr4ir:${job.key}:TOKEN`,
    "--chdir=/project",
    "--output=/dev/null",
    "--export=NIL",
    "--no-requeue",
    "--nodes=1",
    "--ntasks=1",
    "--cpus-per-task=4",
    "--mem=3072M",
    "--gres=gpu:2",
    "--signal=B:USR1@60",
  ]);
  const script = Deno.readTextFileSync(
    jobFiles(job.folder, readRecord(job.folder)?.token ?? "").script,
  );
  assert.match(script, /'HOME=\/home\/me'/);
  assert.doesNotMatch(script, /'CUDA_VISIBLE_DEVICES=/);
  assert.match(script, /'\/shared\/deno' \\\n {4}'run'/);
  assert.match(script, /'--allow-read=\/some'/);
  assert.equal(JSON.parse(Deno.readTextFileSync(job.requestFile)).runner, undefined);

  slurm.begins(job);
  slurm.says(job, { type: "begun" }, {
    type: "progress",
    done: 1,
    total: 2,
    unit: "x",
    metrics: {},
  });
  await until(() => events.length === 2 ? true : undefined);
  slurm.says(job, { type: "metric", name: "AP", value: 1 });
  slurm.ends(job, "0 -");
  assert.equal(await ending(running), "finished");
  assert.deepEqual(events.map(({ type }) => type), ["begun", "progress", "metric"]);
  assert.equal(id, "1");
  assert.equal(readRecord(job.folder), undefined, "nothing is left to be adopted");
});

Deno.test("stages of one matrix with equal wishes that come together are one array", async () => {
  using slurm = new FakeCluster();
  const executor = slurm.executor();
  const jobs = ["m/a", "m/b", "m/c", "other"].map((id) => slurm.job(id));
  jobs.push(slurm.job("m/d", { resources: { cpu: 2, gpu: 0 } }));
  const running = jobs.map((job) => executor.start(job, ignoreEvents));
  for (const job of jobs) await slurm.untilSubmitted(job, 3);
  assert.deepEqual(jobs.map(({ folder }) => readRecord(folder)?.id), [
    "1_0",
    "1_1",
    "1_2",
    "2",
    "3",
  ]);
  for (const job of jobs) slurm.ends(job, "0 -");
  for (const each of running) assert.equal(await ending(each), "finished");
});

Deno.test("a stage's own words on its failure are kept", async () => {
  using slurm = new FakeCluster();
  const job = slurm.job();
  const running = slurm.executor().start(job, ignoreEvents);
  await slurm.untilSubmitted(job, 1);
  slurm.begins(job);
  slurm.says(job, { type: "failed", failure: { kind: "mistake", message: "No such dog" } });
  slurm.ends(job, "1 -", "FAILED");
  assert.equal(await ending(running), "mistake: No such dog");
});

for (const state of ["PREEMPTED", "NODE_FAIL", "forgotten"]) {
  Deno.test(`a job that is ${state} is submitted again, but not for ever`, async () => {
    using slurm = new FakeCluster();
    const job = slurm.job();
    const running = slurm.executor({ resubmit: 2 }).start(job, ignoreEvents);
    for (let n = 1; n <= 3; n++) {
      const id = await slurm.untilSubmitted(job, n);
      assert.equal(id, String(n));
      slurm.begins(job);
      if (state === "forgotten") slurm.jobs.delete(id);
      else slurm.is(id, state);
      if (n < 3) await until(() => slurm.notices.length === n ? true : undefined);
    }
    assert.match(
      await ending(running),
      /^crash: job 3 of stage "it" was lost: [^\n]+\n {2}it was submitted again 2 times/,
    );
    assert.match(slurm.notices[1], /^it: job 2 was lost \(.*\); submitting it again \(2 of 2\)$/);
    assert.equal(slurm.submitted.length, 3);
  });
}

Deno.test("what the queue has forgotten is looked up in the accounts, where there are some", async () => {
  using slurm = new FakeCluster();
  slurm.accounts = "1|OUT_OF_MEMORY\n";
  const job = slurm.job("it", { resources: { cpu: 1, gpu: 0, memory: 2 ** 30 } });
  const running = slurm.executor().start(job, ignoreEvents);
  slurm.jobs.delete(await slurm.untilSubmitted(job, 1));
  assert.match(await ending(running), /^memory: .* more memory than 1\.0 GiB/);
});

Deno.test("a job that is killed with its script is one without memory", async () => {
  using slurm = new FakeCluster();
  slurm.exitCode = "0:9";
  const job = slurm.job("it", { resources: { cpu: 1, gpu: 0, memory: 2 ** 30 } });
  const running = slurm.executor().start(job, ignoreEvents);
  await slurm.untilSubmitted(job, 1);
  slurm.begins(job, "FAILED");
  assert.match(await ending(running), /^memory: .* more memory than 1\.0 GiB/);
});

Deno.test("how a job ended is known by its code, and its memory by its own word or the accounts", async () => {
  using slurm = new FakeCluster();
  const executor = slurm.executor();
  const endings = async (id: string, exit: string, ...says: StageEvent[]) => {
    const job = slurm.job(id);
    const running = executor.start(job, ignoreEvents);
    await slurm.untilSubmitted(job, slurm.submitted.length);
    slurm.says(job, ...says);
    slurm.begins(job);
    slurm.ends(job, exit, exit === "0 -" ? "COMPLETED" : "FAILED");
    return (await running.outcome).ending;
  };
  assert.deepEqual(await endings("a", "0 -", { type: "memory", bytes: 5000 }), {
    exitCode: 0,
    peakMemory: 5000,
  });
  slurm.accounts = "\n2048K\n1M\n";
  assert.deepEqual(await endings("b", "139 -"), { signal: "SIGSEGV", peakMemory: 2048 * 1024 });
  slurm.accounts = undefined;
  assert.deepEqual(await endings("c", "3 -"), { exitCode: 3 });
});

Deno.test("a job whose time is over goes on in another if it has saved something", async () => {
  using slurm = new FakeCluster();
  const job = slurm.job("it", { timeoutSeconds: 36_000 });
  const seen = Promise.withResolvers<void>();
  const running = slurm.executor({ max_time: 3600 }).start(job, () => seen.resolve());
  await slurm.untilSubmitted(job, 1);
  assert.ok(slurm.submitted[0].includes("--time=01:00:00"));
  slurm.begins(job);
  slurm.says(job, { type: "log", line: "working" });
  await seen.promise;
  slurm.passed += 3_000_000;
  const { started } = jobFiles(job.folder, readRecord(job.folder)?.token ?? "");
  Deno.utimeSync(started, 1, 1); // before what is saved, also on a disk with coarse times
  Deno.writeTextFileSync(join(job.request.scratch, "saved"), "half");
  slurm.ends(job, "130 USR1");
  await slurm.untilSubmitted(job, 2);
  const used = readRecord(job.folder)?.usedSeconds ?? 0;
  assert.ok(used > 2990 && used < 3010, String(used));
  assert.match(slurm.notices[0], /^it: the time of job 1 is over; it goes on in another$/);
  slurm.begins(job);
  slurm.ends(job, "130 USR1"); // this time without a word in scratch
  assert.match(await ending(running), /^timeout: .* saved nothing to go on from/s);
});

Deno.test("a clock that is set while a job runs uses up none of its time", async () => {
  using slurm = new FakeCluster();
  const job = slurm.job("it", { timeoutSeconds: 3600 });
  let seen = Promise.withResolvers<void>();
  const running = slurm.executor().start(job, () => seen.resolve());
  await slurm.untilSubmitted(job, 1);
  slurm.begins(job);
  const now = Date.now;
  try {
    for (const years of [1, -1]) {
      Date.now = () => now() + years * 365 * 24 * 3600 * 1000;
      seen = Promise.withResolvers();
      slurm.says(job, { type: "log", line: "working" }); // heard by a look that also looks at the time
      await seen.promise;
    }
  } finally {
    Date.now = now;
  }
  assert.deepEqual(slurm.calls, []);
  slurm.ends(job, "0 -");
  assert.equal((await running.outcome).status, "finished");
});

Deno.test("a stage's timeout counts from the start of its job, not in the queue", async () => {
  using slurm = new FakeCluster();
  const job = slurm.job("it", { timeoutSeconds: 0.05 });
  const running = slurm.executor().start(job, ignoreEvents);
  await slurm.untilSubmitted(job, 1);
  await pause(150);
  assert.deepEqual(slurm.calls, []);
  slurm.begins(job);
  await until(() => slurm.calls.includes("scancel --batch --signal=INT 1") ? true : undefined);
  slurm.ends(job, "130 INT", "FAILED");
  assert.match(
    await ending(running),
    /^timeout: stage "it" took longer than its timeout of 0\.1 s/,
  );
});

Deno.test("stopping takes a waiting job back and lets a running one save; killing ends it", async () => {
  using slurm = new FakeCluster();
  const executor = slurm.executor();
  const [waits, works] = [slurm.job("waits"), slurm.job("works")];
  const running = [executor.start(waits, ignoreEvents), executor.start(works, ignoreEvents)];
  await slurm.untilSubmitted(works, 2);
  await slurm.untilSubmitted(waits, 2);
  slurm.begins(works);
  running.forEach((each) => each.stop());
  await until(() => slurm.calls.length === 2 ? true : undefined);
  assert.deepEqual(slurm.calls, [
    "scancel --state=PENDING 1 2",
    "scancel --batch --signal=INT 1 2",
  ]);
  slurm.jobs.delete("1");
  assert.equal(await ending(running[0]), "interrupted");
  running[1].kill();
  await until(() => slurm.calls.length === 4 ? true : undefined);
  assert.deepEqual(slurm.calls.slice(2), ["scancel --full --signal=KILL 2", "scancel 2"]);
  slurm.is("2", "CANCELLED");
  assert.equal(await ending(running[1]), "interrupted");
});

Deno.test("a stage that is stopped before it was submitted never is", async () => {
  using slurm = new FakeCluster();
  const running = slurm.executor().start(slurm.job(), ignoreEvents);
  running.stop();
  assert.equal(await ending(running), "interrupted");
  await pause(50);
  assert.deepEqual(slurm.submitted, []);
});

Deno.test("Ctrl-C does not wait for a Slurm that does not answer, which gets no job later", async () => {
  using slurm = new FakeCluster();
  const error = new SlurmError("unreachable", "Slurm's controller does not answer: timed out");
  slurm.errors.sbatch = [error];
  const running = slurm.executor().start(slurm.job(), ignoreEvents);
  await until(() => slurm.notices.length > 0 ? true : undefined);
  running.stop();
  assert.equal(await ending(running), "interrupted");
  await pause(60);
  assert.deepEqual(slurm.submitted, []);

  // And what it has taken without saying so is ended.
  slurm.errors.sbatch = [error];
  slurm.takesThenFails = true;
  const other = slurm.executor().start(slurm.job("other"), ignoreEvents);
  await until(() => slurm.notices.length > 1 ? true : undefined);
  other.stop();
  assert.equal(await ending(other), "interrupted");
  await until(() => slurm.calls.includes("scancel 1") ? true : undefined);
});

Deno.test("what Slurm refuses is told once, with what it was asked for", async () => {
  using slurm = new FakeCluster();
  slurm.errors.sbatch = [new SlurmError("refused", "Invalid partition name specified")];
  const running = slurm.executor({ partition: "moon" }).start(slurm.job(), ignoreEvents);
  assert.equal(
    await ending(running),
    'refused: Slurm does not take stage "it": Invalid partition name specified\n' +
      "  it was asked for --cpus-per-task=1 --partition=moon\n" +
      "  change resources or timeout in the pipeline file, or cluster.yaml",
  );
});

Deno.test("a Slurm that does not answer is asked again; what it took nevertheless is not sent twice", async () => {
  using slurm = new FakeCluster();
  slurm.errors.sbatch = [
    new SlurmError("unreachable", "Slurm's controller does not answer: Socket timed out"),
  ];
  slurm.takesThenFails = true;
  const job = slurm.job();
  const running = slurm.executor().start(job, ignoreEvents);
  assert.equal(await slurm.untilSubmitted(job, 1), "1");
  slurm.ends(job, "0 -");
  assert.equal(await ending(running), "finished");
  assert.equal(slurm.submitted.length, 1);
  assert.match(slurm.notices[0], /Socket timed out; trying again$/);
});

Deno.test("a Slurm that never answers is given up", async () => {
  using slurm = new FakeCluster();
  slurm.errors.sbatch = Array.from(
    { length: 3 },
    () => new SlurmError("unreachable", "Slurm's controller does not answer: connect failure"),
  );
  const running = slurm.executor().start(slurm.job(), ignoreEvents);
  assert.match(await ending(running), /^refused: .* does not answer: connect failure/);
});

Deno.test("an array that is too many for a limit is sent in parts", async () => {
  using slurm = new FakeCluster();
  slurm.errors.sbatch = [
    new SlurmError("busy", "Job violates accounting/QOS policy (job submit limit)"),
  ];
  const executor = slurm.executor();
  const jobs = ["a", "b", "c", "d"].map((cell) => slurm.job(`m/${cell}`));
  const running = jobs.map((job) => executor.start(job, ignoreEvents));
  for (const job of jobs) await slurm.untilSubmitted(job, 2);
  assert.deepEqual(jobs.map(({ folder }) => readRecord(folder)?.id), ["1_0", "1_1", "2_0", "2_1"]);
  for (const job of jobs) slurm.ends(job, "0 -");
  for (const each of running) assert.equal(await ending(each), "finished");
});

Deno.test("another runner takes over a job at work, and hears all it has said", async () => {
  using slurm = new FakeCluster();
  const job = slurm.job();
  slurm.says(job, { type: "metric", name: "old", value: 0 }); // of an attempt before
  // A runner that is never heard of again, and so does not see how the job ends.
  void slurm.executor({}, { files: 1e9 }).start(job, ignoreEvents);
  await slurm.untilSubmitted(job, 1);
  slurm.begins(job);
  slurm.says(job, { type: "begun" }, { type: "metric", name: "AP", value: 1 });

  const second = slurm.executor();
  assert.equal(await second.adopt?.(job.folder), true);
  const events: StageEvent[] = [];
  const running = second.start(job, (event) => events.push(event));
  await until(() => events.length === 2 ? true : undefined);
  slurm.ends(job, "0 -");
  assert.equal(await ending(running), "finished");
  assert.deepEqual(events.map(({ type }) => type), ["begun", "metric"]);
  assert.equal(slurm.submitted.length, 1);
});

Deno.test("of a job that ended meanwhile its result is taken, of one that was stopped what it saved", async () => {
  for (
    const [exit, adopted] of [["0 -", true], ["1 -", true], ["130 USR1", true], [
      "130 INT",
      false,
    ]] as const
  ) {
    using slurm = new FakeCluster();
    const job = slurm.job();
    slurm.executor().start(job, ignoreEvents);
    await slurm.untilSubmitted(job, 1);
    const { folder } = job;
    const record = readRecord(folder);
    slurm.begins(job);
    // The first runner sees nothing of it: it is as good as dead.
    const elsewhere = slurm.job("elsewhere");
    Deno.removeSync(elsewhere.folder, { recursive: true });
    Deno.renameSync(folder, elsewhere.folder);
    Deno.writeTextFileSync(jobFiles(elsewhere.folder, record?.token ?? "").exit, `${exit}\n`);
    assert.equal(await slurm.executor().adopt?.(elsewhere.folder), adopted, exit);
    Deno.mkdirSync(join(folder, "slurm"), { recursive: true });
    Deno.writeTextFileSync(jobFiles(folder, record?.token ?? "").exit, "0 -\n");
    await pause(20);
  }
});

Deno.test("a job whose runner died while it submitted it is found by its comment", async () => {
  using slurm = new FakeCluster();
  const jobs = ["m/a", "m/b"].map((id) => slurm.job(id));
  const first = slurm.executor();
  const gone = jobs.map((job) => first.start(job, ignoreEvents));
  await slurm.untilSubmitted(jobs[1], 1);
  const record = readRecord(jobs[1].folder);
  gone.forEach((each) => void each);
  const folder = `${jobs[1].folder}-copy`;
  Deno.mkdirSync(join(folder, "slurm"), { recursive: true });
  Deno.writeTextFileSync(join(folder, "slurm/job.json"), JSON.stringify({ ...record, id: null }));
  assert.equal(await slurm.executor().adopt?.(folder), true);
  assert.equal(readRecord(folder)?.id, "1_1");
  // And if Slurm never got it, there is nothing to take over.
  slurm.jobs.clear();
  Deno.writeTextFileSync(join(folder, "slurm/job.json"), JSON.stringify({ ...record, id: null }));
  assert.equal(await slurm.executor().adopt?.(folder), false);
  for (const job of jobs) slurm.ends(job, "0 -");
  for (const each of gone) await each.outcome;
});

Deno.test("a folder that no job works in is nothing to take over", async () => {
  using slurm = new FakeCluster();
  assert.equal(await slurm.executor().adopt?.(slurm.job().folder), false);
});

Deno.test("a run on this machine does not work beside a job, and forgets one that is gone", async () => {
  using slurm = new FakeCluster();
  const job = slurm.job();
  const running = slurm.executor().start(job, ignoreEvents);
  await slurm.untilSubmitted(job, 1);
  await assert.rejects(expectNoJob(job.folder, slurm.client), /job 1 of Slurm may be at work/);
  slurm.errors.squeue = [new SlurmError("missing", "there is no squeue here")];
  await assert.rejects(expectNoJob(job.folder, slurm.client), /job 1 of Slurm may be at work/);
  running.stop();
  slurm.is("1", "CANCELLED");
  assert.equal(await ending(running), "interrupted");
  await expectNoJob(job.folder, slurm.client);

  const lost = slurm.job("lost");
  const record = { token: "t", comment: "c", index: null, id: "9", eventsFrom: 0 };
  writeRecord(lost.folder, { ...record, usedSeconds: 0, losses: 0 });
  await expectNoJob(lost.folder, slurm.client);
  assert.equal(readRecord(lost.folder), undefined);
});

Deno.test("a queue that does not answer is told of once, and the job's own word still counts", async () => {
  using slurm = new FakeCluster();
  const job = slurm.job();
  const running = slurm.executor().start(job, ignoreEvents);
  await slurm.untilSubmitted(job, 1);
  slurm.errors.squeue = Array.from(
    { length: 1000 },
    () => new SlurmError("unreachable", "Slurm's controller does not answer: connect failure"),
  );
  await until(() => slurm.notices.length > 0 ? true : undefined);
  slurm.begins(job);
  slurm.ends(job, "0 -");
  assert.equal(await ending(running), "finished");
  assert.deepEqual(slurm.notices, [
    "Slurm's controller does not answer: connect failure; jobs may go on meanwhile, waiting for it",
  ]);
});

Deno.test("a job that was put back into the queue is let go at once", async () => {
  using slurm = new FakeCluster();
  const job = slurm.job();
  const running = slurm.executor().start(job, ignoreEvents);
  const id = await slurm.untilSubmitted(job, 1);
  slurm.begins(job);
  slurm.is(id, "PENDING", "BeginTime");
  await until(() =>
    slurm.calls.includes("scontrol update JobId=1 StartTime=now") ? true : undefined
  );
  slurm.ends(job, "0 -", "COMPLETED");
  assert.equal(await ending(running), "finished");
});
