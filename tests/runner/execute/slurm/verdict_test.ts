import assert from "node:assert/strict";
import { judge, type Sighting, type Verdict } from "../../../../runner/execute/slurm/verdict.ts";

const ALIVE = [
  "PENDING",
  "CONFIGURING",
  "RUNNING",
  "COMPLETING",
  "SUSPENDED",
  "REQUEUED",
  "REQUEUE_HOLD",
  "SPECIAL_EXIT",
  "STOPPED",
];

function verdict(sighting: Partial<Sighting>): Verdict {
  return judge({
    id: "it",
    job: "7",
    exit: undefined,
    state: undefined,
    asked: false,
    killed: false,
    failure: undefined,
    settled: false,
    memory: undefined,
    folder: "/store/work/k",
    ...sighting,
  });
}

/** `wait`, `continue`, `again`, `finished`, `interrupted`, or the kind of failure. */
function short(sighting: Partial<Sighting>): string {
  const found = verdict(sighting);
  if (found.then !== "end") return found.then;
  const { outcome } = found;
  return outcome.status === "failed" ? outcome.failure.kind : outcome.status;
}

const ended = (code: number, signal: "INT" | "TERM" | "USR1" | null = null) => ({ code, signal });

Deno.test("a job that waits or works is waited for", () => {
  for (const state of ALIVE) assert.equal(short({ state }), "wait", state);
});

Deno.test("what the script wrote counts before what Slurm says, however late that comes", () => {
  for (const state of [...ALIVE, "COMPLETED", "NODE_FAIL", "CANCELLED", undefined]) {
    assert.equal(short({ state, exit: ended(0) }), "finished", String(state));
    assert.equal(short({ state, exit: ended(1) }), "crash", String(state));
  }
  const failure = { kind: "mistake" as const, message: "No such dog" };
  assert.equal(short({ exit: ended(1), failure }), "mistake");
});

Deno.test("a job without its script's word is decided by its state", () => {
  const fates: [string, string][] = [
    ["PREEMPTED", "again"],
    ["NODE_FAIL", "again"],
    ["BOOT_FAIL", "again"],
    ["REVOKED", "again"],
    ["TIMEOUT", "continue"],
    ["DEADLINE", "continue"],
    ["OUT_OF_MEMORY", "memory"],
    ["CANCELLED", "crash"],
    ["CANCELLED by 1000", "crash"],
  ];
  for (const [state, fate] of fates) assert.equal(short({ state }), fate, String(state));
});

Deno.test("a shared file system gets time to show how a job ended", () => {
  for (const state of ["COMPLETED", "FAILED", undefined]) {
    assert.equal(short({ state }), "wait", String(state));
  }
  assert.equal(short({ settled: true }), "again", "forgotten by Slurm");
  const found = verdict({ state: "FAILED", settled: true });
  assert.deepEqual(found, {
    then: "end",
    outcome: {
      status: "failed",
      failure: {
        kind: "crash",
        message: 'job 7 of stage "it" is FAILED, and has not written how it ended\n' +
          "  the nodes must see /store/work/k under the same path: put the store on a shared file system",
      },
    },
  });
});

Deno.test("a stage that was told its time is over goes on in another job", () => {
  for (const state of ["RUNNING", "COMPLETING", "FAILED", "TIMEOUT", undefined]) {
    assert.equal(short({ state, exit: ended(130, "USR1") }), "continue", String(state));
  }
});

Deno.test("a stage that was stopped by Slurm waits for the reason", () => {
  const exit = ended(143, "TERM");
  assert.equal(short({ state: "RUNNING", exit }), "wait", "it may be put back into the queue");
  assert.equal(short({ state: "PENDING", exit }), "wait");
  assert.equal(short({ state: "PREEMPTED", exit }), "again");
  assert.equal(short({ state: "NODE_FAIL", exit }), "again");
  assert.equal(short({ state: "CANCELLED", exit }), "crash");
  assert.equal(short({ state: "FAILED", exit, settled: true }), "again");
});

Deno.test("whatever ends a job that was asked to end, it is interrupted", () => {
  const states = ["CANCELLED", "PREEMPTED", "TIMEOUT", "NODE_FAIL"];
  for (const state of states) assert.equal(short({ state, asked: true }), "interrupted", state);
  assert.equal(short({ asked: true }), "interrupted", "a waiting job that is gone");
  assert.equal(short({ state: "RUNNING", asked: true }), "wait");
  assert.equal(short({ state: "RUNNING", asked: true, exit: ended(130, "INT") }), "interrupted");
  assert.equal(short({ state: "RUNNING", asked: true, exit: ended(0) }), "finished");
  assert.equal(short({ state: "COMPLETING", asked: true, killed: true }), "interrupted");
  assert.equal(short({ state: "RUNNING", asked: true, killed: true }), "wait");
});

Deno.test("a killed process is one without memory if there is a limit, or Slurm says so", () => {
  const exit = ended(137);
  assert.equal(short({ state: "RUNNING", exit }), "wait");
  assert.equal(short({ state: "OUT_OF_MEMORY", exit }), "memory");
  assert.equal(short({ state: "FAILED", exit, memory: 2 ** 30 }), "memory");
  assert.equal(short({ state: "FAILED", exit }), "crash");
  assert.equal(short({ state: "NODE_FAIL", exit }), "again");
  assert.equal(short({ state: "CANCELLED", exit, asked: true }), "interrupted");
  const found = verdict({ state: "OUT_OF_MEMORY", exit, memory: 2 ** 30 });
  assert.match(
    JSON.stringify(found),
    /it\\" \(job 7\) was killed for using more memory than 1\.0 GiB/,
  );
});

Deno.test("a process that could not start says what the nodes must find", () => {
  assert.match(
    JSON.stringify(verdict({ exit: ended(127) })),
    /the nodes must find Deno, the project/,
  );
  assert.match(JSON.stringify(verdict({ exit: ended(139) })), /crashed with signal 11/);
});
