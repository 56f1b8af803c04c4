/**
 * What a run says at its end about what failed.
 *
 * @module
 */
import assert from "node:assert/strict";
import pico from "picocolors";
import type { StageResult } from "../../../runner/execute/run_event.ts";
import { renderFailures } from "../../../runner/ui/failures.ts";
import { instance } from "../execute/instance.ts";

function stage(id: string, rest: Partial<StageResult>): StageResult {
  return {
    id,
    uses: "some",
    status: "skipped",
    key: null,
    reason: "",
    seconds: 0,
    outputs: {},
    metrics: {},
    tables: [],
    ...rest,
  };
}

const PIPELINE = {
  name: "p",
  file: "p.yaml",
  profile: "default",
  params: {},
  stages: [
    instance("a"),
    instance("b"),
    instance("c", { needs: ["a"] }),
    instance("d", { needs: ["c", "b"] }),
    instance("e", { needs: ["d"] }),
    instance("f"),
    instance("g", { needs: ["f"] }),
  ],
};

const render = (stages: StageResult[], failFast?: boolean) =>
  renderFailures(PIPELINE, { status: "failed", stages }, {
    again: (id) => `deno task run p.yaml --only ${id}`,
    colors: pico.createColors(false),
    failFast,
  });

Deno.test("each failure has its reason, the end of its log and a command; the rest its fate", () => {
  const failure = { kind: "error" as const, log: "/s/log", tail: ["one", "\u001b[2Jtwo"] };
  assert.equal(
    render([
      stage("a", { status: "failed", reason: "TypeError: x", failure }),
      stage("b", {
        status: "failed",
        reason: 'stage "b" was not started',
        failure: { kind: "changed", tail: [] },
      }),
      stage("c", {}),
      stage("d", {}),
      stage("e", {}),
      stage("f", { status: "ran" }),
      stage("g", {}),
    ]),
    `
error: stage "a" failed: TypeError: x
  last lines of its log:
  │ one
  │ two
  whole log: /s/log
  this stage alone: deno task run p.yaml --only a

error: stage "b" was not started
  this stage alone: deno task run p.yaml --only b

blocked by a: c
blocked by a and b: d and e
not reached: g
`.trimStart(),
  );
});

Deno.test("a mistake that ends the log is not told twice, and a refused access without its stack", () => {
  const told = (kind: "mistake" | "denied", tail: string[]) =>
    render([stage("a", { status: "failed", reason: "one\n  two", failure: { kind, tail } })]);
  const text = `
error: stage "a" failed: one
  two
  this stage alone: deno task run p.yaml --only a
`.trimStart();
  assert.equal(told("mistake", ["one", "  two"]), text);
  assert.equal(told("denied", ["at x.ts:1"]), text);
});

Deno.test("what --fail-fast kept from running is told apart from what a failure blocked", () => {
  const failure = { kind: "error" as const, tail: [] };
  assert.match(
    render([stage("a", { status: "failed", failure }), stage("c", {}), stage("f", {})], true),
    /\n\nblocked by a: c\nnot reached, because of --fail-fast: f\n$/,
  );
});

Deno.test("where nothing failed nothing is said", () => {
  assert.equal(render([stage("a", { status: "ran" }), stage("b", {})]), "");
});
