/**
 * Files that stay in the remote cache until a stage or a person needs them, seen from outside.
 *
 * @module
 */
import assert from "node:assert/strict";
import { cacheServer } from "../helpers/cache_server.ts";
import { type Document, project, statusesOf } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/texts.yaml";

const pipeline = (mark = "!") => `
stages:
  first: { uses: say, with: { text: hello } }
  loud: { uses: shout, inputs: { text: first.text } }
  last: { uses: shout, with: { mark: "${mark}" }, inputs: { text: loud.text } }
`;

const FILES = { ...STAGES, [FILE]: pipeline() };

const ALL_RAN = { first: "ran", loud: "ran", last: "ran" };
const ALL_HIT = { first: "hit", loud: "hit", last: "hit" };

/** What a run says, beside its document. */
interface Told {
  statuses: Record<string, string>;
  stderr: string;
  outputs: Record<string, Record<string, string>>;
}

/** Runs with a remote cache. */
async function run(
  here: Awaited<ReturnType<typeof project>>,
  ...args: string[]
): Promise<Told> {
  const { stdout, stderr } = await here.run("run", FILE, "--json", ...args);
  const { stages }: Document = JSON.parse(stdout);
  const outputs = Object.fromEntries(stages.map(({ id, outputs }) => [id, outputs]));
  return { statuses: statusesOf(stdout), stderr, outputs };
}

/** Digest of the one file in a stored folder, and whether it is in a store. */
function content(
  here: Awaited<ReturnType<typeof project>>,
  tree: string,
): { digest: string; isHere: boolean } {
  const path = (digest: string) => `.store/objects/${digest.slice(0, 2)}/${digest}`;
  const [{ digest }] = JSON.parse(here.read(path(tree))).files;
  try {
    here.read(path(digest));
    return { digest, isHere: true };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { digest, isHere: false };
  }
}

Deno.test("of a pipeline that is all in the remote cache only the results come", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  const remote = ["--remote", server.url];
  const made = await run(here, ...remote);
  assert.deepEqual(made.statuses, ALL_RAN);
  const taken = await run(there, ...remote);
  assert.deepEqual(taken.statuses, ALL_HIT);
  assert.deepEqual(taken.outputs, made.outputs);
  const isHere = (id: string) => content(there, taken.outputs[id].text).isHere;
  assert.deepEqual(["first", "loud", "last"].map(isHere), [false, false, true]);
  // Only what is whole is stored, and is a hit without the remote cache.
  const plan = await there.run("plan", FILE);
  assert.match(plan.stdout, /^. first +its stored result is gone$/m);
  assert.equal((await there.run("cache", "verify")).code, 0);
  assert.equal((await there.run("cache", "gc")).code, 0);
  assert.deepEqual((await run(there, ...remote)).statuses, ALL_HIT);
});

Deno.test("a stage that runs here gets what it reads, and nothing else comes", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project({ ...FILES, [FILE]: pipeline("?") });
  const remote = ["--remote", server.url];
  await run(here, ...remote);
  const taken = await run(there, ...remote);
  assert.deepEqual(taken.statuses, { first: "hit", loud: "hit", last: "ran" });
  const isHere = (id: string) => content(there, taken.outputs[id].text).isHere;
  assert.deepEqual(["first", "loud", "last"].map(isHere), [false, true, true]);
});

Deno.test("--remote-download all fetches all, needed nothing that no stage here reads", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  const remote = ["--remote", server.url];
  await run(here, ...remote);
  const needed = await run(there, ...remote, "--remote-download", "needed");
  assert.deepEqual(needed.statuses, ALL_HIT);
  const here3 = () =>
    ["first", "loud", "last"].map((id) => content(there, needed.outputs[id].text).isHere);
  assert.deepEqual(here3(), [false, false, false]);
  await run(there, ...remote, "--remote-download", "all");
  assert.deepEqual(here3(), [true, true, true]);
  assert.deepEqual((await run(there)).statuses, ALL_HIT);
});

Deno.test("cache pull fetches what a run has left there", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  const remote = ["--remote", server.url];
  await run(here, ...remote);
  await run(there, ...remote);
  const pulled = await there.run("cache", "pull", FILE, ...remote);
  assert.equal(pulled.stdout, "2 results fetched, 1 here already\n");
  assert.deepEqual((await run(there)).statuses, ALL_HIT);
});

/** What becomes of the files between a record and their use. */
const LOSSES: Record<string, (server: ReturnType<typeof cacheServer>, file: string) => void> = {
  "are gone": (server, file) => {
    // Looked for, it is there; asked for, it is not.
    server.misbehave = ({ method, entry }) =>
      method === "GET" && entry === `cas/${file}` ? new Response(null, { status: 404 }) : undefined;
  },
  "are others": (server, file) => {
    server.misbehave = ({ method, entry }) =>
      method === "GET" && entry === `cas/${file}` ? new Response("HELLO?") : undefined;
  },
  "are out of reach": (server, file) => {
    let dead = false;
    server.misbehave = ({ method, entry }) => {
      dead ||= method === "GET" && entry === `cas/${file}`;
      return dead ? new Response(null, { status: 503 }) : undefined;
    };
  },
};

for (const [what, lose] of Object.entries(LOSSES)) {
  Deno.test(`if the files of a hit ${what} when a stage needs them, it is made again`, async () => {
    await using server = cacheServer();
    await using here = await project(FILES);
    await using there = await project({ ...FILES, [FILE]: pipeline("?") });
    const remote = ["--remote", server.url];
    const made = await run(here, ...remote);
    lose(server, content(here, made.outputs.loud.text).digest);
    const { statuses, stderr, outputs } = await run(there, ...remote);
    assert.deepEqual(statuses, {
      first: what === "are out of reach" ? "ran" : "hit",
      loud: "ran",
      last: "ran",
    });
    assert.deepEqual(outputs.loud, made.outputs.loud);
    const notice = '! the remote cache gives the files of "loud" no more: it is made again\n';
    assert.equal(stderr.split(notice).length, 2, stderr);
    server.misbehave = () => undefined;
    assert.deepEqual((await run(there, ...remote)).statuses, ALL_HIT);
  });
}

Deno.test("two that read what is lost wait for one that makes it again", async () => {
  const two = pipeline() +
    `  other: { uses: shout, with: { mark: "." }, inputs: { text: loud.text } }
`;
  await using server = cacheServer();
  await using here = await project({ ...FILES, [FILE]: pipeline("?") });
  await using there = await project({ ...FILES, [FILE]: two });
  const remote = ["--remote", server.url];
  const made = await run(here, ...remote);
  LOSSES["are gone"](server, content(here, made.outputs.loud.text).digest);
  const { statuses, stderr } = await run(there, ...remote);
  assert.deepEqual(statuses, { first: "hit", loud: "ran", last: "ran", other: "ran" });
  assert.equal(stderr.match(/it is made again/g)?.length, 1);
});

Deno.test("what is made again with other bytes is what runs here read", async () => {
  const files = {
    ...STAGES,
    "stages/dice.ts": stage("await done(crypto.randomUUID());"),
    [FILE]: `
stages:
  dice: { uses: dice }
  copy: { uses: shout, inputs: { text: dice.out } }
`,
  };
  await using server = cacheServer();
  await using here = await project(files);
  await using there = await project({
    ...files,
    [FILE]: files[FILE].replace("uses: shout,", 'uses: shout, with: { mark: "?" },'),
  });
  const remote = ["--remote", server.url];
  const made = await run(here, ...remote);
  LOSSES["are gone"](server, content(here, made.outputs.dice.out).digest);
  const { statuses, stderr, outputs } = await run(there, ...remote);
  assert.deepEqual(statuses, { dice: "ran", copy: "ran" }, stderr);
  assert.notDeepEqual(outputs.dice, made.outputs.dice);
  assert.match(stderr, /"dice" has not made the same bytes as before/);
});

/** Sends the first bytes of a content, and then nothing more. */
function stall(server: ReturnType<typeof cacheServer>, file: string): Promise<void> {
  const asked = Promise.withResolvers<void>();
  server.misbehave = ({ method, entry }) =>
    method === "GET" && entry === `cas/${file}`
      ? new Response(
        new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(new TextEncoder().encode("HE")),
          pull: () => asked.resolve(),
        }),
      )
      : undefined;
  return asked.promise;
}

for (const signal of ["SIGKILL", "SIGINT"] as const) {
  Deno.test(`${signal} while a run fetches what a stage needs leaves a store that is whole`, async () => {
    await using server = cacheServer();
    await using here = await project(FILES);
    await using there = await project({ ...FILES, [FILE]: pipeline("?") });
    const remote = ["--remote", server.url];
    const made = await run(here, ...remote);
    const asked = stall(server, content(here, made.outputs.loud.text).digest);
    const started = there.start("run", FILE, ...remote);
    await asked;
    started.kill(signal);
    const { code, stderr } = await started.ended;
    assert.equal(code, signal === "SIGINT" ? 130 : 137);
    assert.doesNotMatch(stderr, /made again/);
    server.misbehave = () => undefined;
    assert.equal((await there.run("cache", "verify")).code, 0);
    const { statuses } = await run(there, ...remote);
    assert.deepEqual(statuses, { first: "hit", loud: "hit", last: "ran" });
  });
}

Deno.test("a check gets what it compares with, though others made it", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  const remote = ["--remote", server.url];
  await run(here, ...remote);
  const checked = await there.run("run", FILE, ...remote, "--check", "loud");
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, /verified deterministic/);
});
