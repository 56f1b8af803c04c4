/**
 * `run --events`, against what the docs say of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { EventLine, StreamEvent } from "../../runner/ui/event_lines.ts";
import { closedDoor } from "../helpers/door.ts";
import { type Ended, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

/** Event → fields, as the docs list them. */
const DOCUMENTED = readDocs();

/** The compiler sees to it that this is all there is. */
const ALL: Record<StreamEvent["type"], true> = {
  begin: true,
  hit: true,
  started: true,
  progress: true,
  log: true,
  ran: true,
  failed: true,
  retrying: true,
  held: true,
  skipped: true,
  interrupted: true,
  setup: true,
  "setup-done": true,
  notice: true,
  end: true,
};

function readDocs(): Map<string, string[]> {
  const text = Deno.readTextFileSync(join(import.meta.dirname ?? ".", "../../docs/runner.md"));
  const table = text.split("### Events for programs\n")[1].split(/\n#/)[0];
  return new Map(
    [...table.matchAll(/^\| `([a-z-]+)` *\|([^|]*)\|/gm)].map(([, type, cell]) => [
      type,
      [...cell.matchAll(/`(\w+)`/g)].map(([, field]) => field),
    ]),
  );
}

/** Reads the stream; all of it must be as documented. */
function eventsOf({ stdout }: Pick<Ended, "stdout">): EventLine[] {
  const events: EventLine[] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  for (const { format, at, type, ...fields } of events) {
    assert.equal(format, 1);
    assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const known = DOCUMENTED.get(type);
    assert.ok(known, `${type} is documented`);
    const unknown = Object.keys(fields).filter((field) => !known.includes(field));
    assert.deepEqual(unknown, [], `fields of ${type} that are not documented`);
  }
  return events;
}

const typesOf = (events: EventLine[]) => [...new Set(events.map(({ type }) => type))];

Deno.test("every event that there is is documented, and none that is not", () => {
  assert.deepEqual([...DOCUMENTED.keys()].sort(), Object.keys(ALL).sort());
});

Deno.test("--events prints each event as a line, from the beginning to the end", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/busy.ts": stage(
      `context.report.progress(1, 2, "steps", { loss: 0.5 });
       context.report.log("half");
       await done(String(Math.random()));`,
    ),
    "stages/broken.ts": stage(`throw new Error("no luck");`),
    [FILE]: `
stages:
  old: { uses: say, with: { text: hi } }
  busy: { uses: busy }
  bad: { uses: broken, retries: 1 }
  after: { uses: join, inputs: { texts: bad.out } }
`,
  });
  await dir.run("run", FILE, "--until", "old", "--until", "busy");
  const ended = await dir.run("run", FILE, "--force", "busy", "--events", "--jobs", "1");
  assert.equal(ended.code, 1, ended.stderr);
  const events = eventsOf(ended);
  assert.deepEqual(typesOf(events).sort(), [
    ...["begin", "end", "failed", "hit", "log", "notice", "progress", "ran", "retrying"],
    ...["skipped", "started"],
  ]);
  const [begin] = events;
  assert.ok(begin.type === "begin");
  assert.deepEqual(begin.stages.map(({ id, needs }) => [id, needs]), [
    ["old", []],
    ["busy", []],
    ["bad", []],
    ["after", ["bad"]],
  ]);
  const ofBad = events.filter((event) => "id" in event && event.id === "bad");
  assert.deepEqual(typesOf(ofBad), ["started", "retrying", "failed"]);
  const failed = ofBad.at(-1);
  assert.ok(failed?.type === "failed");
  assert.deepEqual(failed.failure, { kind: "error", message: "Error: no luck" });
  assert.match(Deno.readTextFileSync(failed.log ?? ""), /no luck/);
  const started = events.find((event) => event.type === "started");
  assert.ok(started?.type === "started");
  assert.equal(started.key?.length, 64);
  const progress = events.find((event) => event.type === "progress");
  assert.ok(progress?.type === "progress");
  assert.deepEqual([progress.done, progress.total, progress.metrics], [1, 2, { loss: 0.5 }]);

  const end = events.at(-1);
  assert.ok(end?.type === "end");
  assert.equal(end.run, begin.run);
  assert.deepEqual(end.stages.map(({ status }) => status), ["hit", "ran", "failed", "skipped"]);
  const both = await dir.run("run", FILE, "--events", "--json");
  assert.equal(both.code, 2);
});

Deno.test("--events tells what another runner does, and an interruption", async () => {
  await using door = closedDoor();
  await using dir = await project({
    "stages/slow.ts": stage(
      `void context.signal;
       await (await fetch("http://${door.host}", { signal: context.signal })).text();
       await done();`,
      `net: () => ["${door.host}"],`,
    ),
    [FILE]: "stages: { it: { uses: slow } }\n",
  });
  const first = dir.start("run", FILE, "--events");
  await door.arrived(1);
  const second = dir.start("run", FILE, "--events");
  await second.says("waits for another runner");
  first.kill("SIGINT");
  const interrupted = eventsOf(await first.ended);
  assert.deepEqual(typesOf(interrupted), ["begin", "started", "notice", "interrupted", "end"]);
  await door.arrived(2);
  door.open();
  const events = eventsOf(await second.ended);
  assert.deepEqual(typesOf(events), ["begin", "held", "started", "ran", "end"]);
  const held = events[1];
  assert.ok(held.type === "held");
  assert.equal(held.pid, first.pid);
});
