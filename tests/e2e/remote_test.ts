/**
 * Two machines share results through a remote cache, seen from outside.
 *
 * @module
 */
import assert from "node:assert/strict";
import { cacheServer } from "../helpers/cache_server.ts";
import { NGINX, nginx } from "../helpers/nginx.ts";
import { type Document, project, statusesOf } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/texts.yaml";

const FILES = {
  ...STAGES,
  [FILE]: `
stages:
  first: { uses: say, with: { text: hello } }
  loud: { uses: shout, inputs: { text: first.text } }
  both: { uses: join, inputs: { texts: [first.text, loud.text] } }
`,
};

const ALL_RAN = { first: "ran", loud: "ran", both: "ran" };
const ALL_HIT = { first: "hit", loud: "hit", both: "hit" };

Deno.test("what ran on one machine is a hit on the other, and its plan says so", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  assert.deepEqual(await here.statuses(FILE, "--remote", server.url), ALL_RAN);

  const plan = await there.run("plan", FILE, "--remote", server.url);
  assert.equal(
    plan.stdout,
    `
= first  in the remote cache  (for 2 stages)
= loud   in the remote cache
= both   in the remote cache

say 1, shout 1, join 1
3 stages: 3 in the remote cache
`.trimStart(),
  );
  assert.throws(() => Deno.statSync(there.path(".store")), Deno.errors.NotFound);

  const all = { SR4IR_REMOTE: server.url, SR4IR_REMOTE_DOWNLOAD: "all" };
  const run = await there.runWith(all, "run", FILE);
  assert.equal(run.code, 0, run.stderr);
  assert.equal(
    run.stderr,
    "= first  from remote cache\n= loud   from remote cache\n= both   from remote cache\n",
  );
  assert.match(run.stdout, /both {3}\S|loud {3}HELLO!/);
  assert.match(run.stdout, /3 stages: 3 from remote cache, /);
  assert.deepEqual(await there.statuses(FILE), ALL_HIT);
});

Deno.test("--json tells what came from the remote cache", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  await here.statuses(FILE, "--remote", server.url);
  await there.statuses(FILE, "--remote", server.url, "--only", "first");
  const { stdout } = await there.run("run", FILE, "--remote", server.url, "--json");
  const { stages }: { stages: { remote?: true }[] } = JSON.parse(stdout);
  assert.deepEqual(stages.map(({ remote }) => remote), [undefined, true, true]);
});

Deno.test("a folder is a remote cache too", async () => {
  await using here = await project(FILES);
  await using there = await project(FILES);
  Deno.mkdirSync(here.path("shared"));
  assert.deepEqual(await here.statuses(FILE, "--remote", "shared"), ALL_RAN);
  assert.deepEqual(await there.statuses(FILE, "--remote", here.path("shared")), ALL_HIT);
  assert.deepEqual([...Deno.readDirSync(here.path("shared/tmp"))], []);
});

Deno.test({
  name: `nginx is a remote cache${NGINX === undefined ? " (nginx is not installed)" : ""}`,
  ignore: NGINX === undefined,
  async fn() {
    await using server = await nginx({ credentials: { user: "ann", password: "s3cret" } });
    await using here = await project(FILES);
    await using there = await project(FILES);
    const remote = ["--remote", server.url.replace("//", "//ann:s3cret@")];
    assert.deepEqual(await here.statuses(FILE, ...remote), ALL_RAN);
    assert.deepEqual(await there.statuses(FILE, ...remote), ALL_HIT);
  },
});

Deno.test("--remote-read-only gives nothing", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  const read = ["--remote", server.url, "--remote-read-only"];
  assert.deepEqual(await here.statuses(FILE, ...read), ALL_RAN);
  assert.deepEqual(server.requests.filter((line) => !line.startsWith("GET ac/")), []);
});

Deno.test("a server that fails costs one line, and the run goes on", async () => {
  await using server = cacheServer(() => new Response(null, { status: 500 }));
  await using here = await project(FILES);
  const { code, stderr } = await here.run("run", FILE, "--remote", server.url);
  assert.equal(code, 0);
  assert.equal(
    stderr.split("\n").filter((line) => line.startsWith("!")).join("\n"),
    `! remote cache ${server.url}: it answers 500 Internal Server Error; going on without it`,
  );
});

Deno.test("a server that says nothing is waited for once, as long as the person wants", async () => {
  const silence = Promise.withResolvers<Response>();
  await using server = cacheServer(() => silence.promise);
  await using here = await project(FILES);
  const run = (seconds: string) =>
    here.runWith({ SR4IR_REMOTE: server.url, SR4IR_REMOTE_TIMEOUT: seconds }, "run", FILE);
  const { code, stderr } = await run("0.2");
  assert.equal(code, 0);
  assert.ok(
    stderr.includes(
      `! remote cache ${server.url}: no answer for 0.2 s; going on without it\n`,
    ),
    stderr,
  );
  assert.equal(server.requests.length, 1);
  const wrong = await run("soon");
  assert.equal(wrong.code, 2);
  assert.equal(
    wrong.stderr,
    "error: Cannot use SR4IR_REMOTE_TIMEOUT=soon: expected a number of seconds above 0\n",
  );
  silence.resolve(new Response());
});

Deno.test("a server whose bytes are wrong changes nothing", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  await here.statuses(FILE, "--remote", server.url);
  server.misbehave = ({ method, entry }) =>
    method === "GET" && entry.startsWith("cas/") ? new Response("something else") : undefined;
  const { stdout } = await there.run("run", FILE, "--json", "--remote", server.url);
  assert.deepEqual(statusesOf(stdout), ALL_RAN);
  const outputs = (json: string) =>
    (JSON.parse(json) as Document).stages.map((stage) => stage.outputs);
  assert.deepEqual(
    outputs(stdout),
    outputs((await here.run("run", FILE, "--json")).stdout),
  );
});

Deno.test("what can be no remote cache is the person's mistake, told without the password", async () => {
  await using here = await project(FILES);
  const run = (address: string) => here.run("run", FILE, "--remote", address);
  assert.deepEqual(await run("ftp://ann:secret@host/x"), {
    code: 2,
    stdout: "",
    stderr: `
error: Cannot use the remote cache ftp://…@host/x: it is no address of one
  Give http://HOST/PATH, https://HOST/PATH or a folder
`.trimStart(),
  });
  assert.deepEqual(await run("http://a%zz:secret@host"), {
    code: 2,
    stdout: "",
    stderr: `
error: Cannot read the user and password in the address of the remote cache
  Write a % in them as %25, an @ as %40, a : as %3A, a / as %2F
`.trimStart(),
  });
});

Deno.test("a password is in no output and in no file of the store", async () => {
  await using server = cacheServer(({ request }) =>
    request.headers.get("authorization") === `Basic ${btoa("ann:s3cret")}`
      ? undefined
      : new Response(null, { status: 401 })
  );
  await using here = await project(FILES);
  const address = server.url.replace("//", "//ann:s3cret@");
  const { stdout, stderr } = await here.run("run", FILE, "--json", "--remote", address);
  assert.equal(server.entries.has(`ac/${JSON.parse(stdout).stages[0].key}`), true);
  const { stdout: found } = await new Deno.Command("grep", {
    args: ["-rl", "s3cret", here.path(".store")],
  }).output();
  assert.equal(new TextDecoder().decode(found), "");
  assert.doesNotMatch(stdout + stderr, /s3cret/);
});

Deno.test("Ctrl-C at the end gives up sharing, not the results", async () => {
  const silence = Promise.withResolvers<Response>();
  const asked = Promise.withResolvers<void>();
  await using server = cacheServer(({ method }) => {
    if (method !== "PUT") return undefined;
    asked.resolve();
    return silence.promise;
  });
  await using here = await project({
    "stages/one.ts": stage("await done();"),
    "pipelines/one.yaml": "stages:\n  one: { uses: one }\n",
  });
  const started = here.start("run", "pipelines/one.yaml", "--remote", server.url);
  await asked.promise;
  started.kill("SIGINT");
  const { code, stdout } = await started.ended;
  assert.match(stdout, /1 stage: 1 ran/);
  assert.equal(code, 130);
  silence.resolve(new Response());
});

Deno.test("cache push gives what a pipeline has, cache pull fetches it", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  const remote = ["--remote", server.url];
  assert.deepEqual(await here.run("cache", "push", FILE, ...remote), {
    code: 0,
    stdout: "no result yet: first, loud and both\n0 results shared\n",
    stderr: "",
  });
  await here.statuses(FILE);
  const pushed = await here.run("cache", "push", FILE, ...remote, "--until", "loud");
  assert.deepEqual([pushed.code, pushed.stdout], [0, "2 results shared\n"]);
  const pulled = await there.run("cache", "pull", FILE, ...remote);
  assert.deepEqual(
    [pulled.code, pulled.stdout],
    [0, "2 results fetched, 1 would have to be made\n"],
  );
  const all = await here.run("cache", "push", "all", ...remote);
  assert.deepEqual([all.code, all.stdout], [0, "3 results shared\n"]);
  const again = await there.run("cache", "pull", FILE, ...remote, "--json");
  assert.deepEqual(JSON.parse(again.stdout), {
    fetched: ["both"],
    here: ["first", "loud"],
    missing: [],
  });
  assert.deepEqual(await there.statuses(FILE), ALL_HIT);
});

Deno.test("cache push and pull end with 1 if the remote cache does not work, with 2 if none is given", async () => {
  await using server = cacheServer(() => new Response(null, { status: 500 }));
  await using here = await project(FILES);
  await here.statuses(FILE);
  const remote = ["--remote", server.url];
  const problem = `! remote cache ${server.url}: it answers 500 Internal Server Error\n`;
  const push = await here.run("cache", "push", FILE, ...remote);
  assert.deepEqual([push.code, push.stdout], [1, "0 results shared, 3 not\n"]);
  assert.ok(push.stderr.includes(problem), push.stderr);
  const pull = await here.run("cache", "pull", FILE, ...remote, "--set", "x=1");
  assert.equal(pull.code, 2);
  assert.deepEqual(await here.run("cache", "push", FILE), {
    code: 2,
    stdout: "",
    stderr: `
error: which remote cache? None is given
  Give --remote http://HOST/PATH or --remote FOLDER, or set SR4IR_REMOTE
`.trimStart(),
  });
});

Deno.test("stages that do not need each other are looked for side by side", async () => {
  const all = Promise.withResolvers<undefined>();
  let asked = 0;
  // Nobody gets an answer before all have asked.
  await using server = cacheServer(({ method, entry }) => {
    if (method !== "GET" || !entry.startsWith("ac/")) return undefined;
    if (++asked === 3) all.resolve(undefined);
    return all.promise.then(() => new Response(null, { status: 404 }));
  });
  const stages = ["a", "b", "c"].map((text) => `  ${text}: { uses: say, with: { text: ${text} } }`);
  await using here = await project({ ...STAGES, [FILE]: `stages:\n${stages.join("\n")}\n` });
  const remote = ["--remote", server.url];
  assert.equal((await here.run("plan", FILE, ...remote)).code, 0);
  assert.equal(asked, 3);
  asked = 0;
  assert.deepEqual(await here.statuses(FILE, ...remote), { a: "ran", b: "ran", c: "ran" });
});

Deno.test("giving a result keeps no other stage from running", async () => {
  const last = Promise.withResolvers<undefined>();
  let asked = 0;
  // Takes nothing before the last stage is looked for.
  await using server = cacheServer(({ method, entry }) => {
    if (entry.startsWith("ac/") && method === "GET" && ++asked === 3) last.resolve(undefined);
    if (method !== "PUT") return undefined;
    return last.promise.then(() => new Response(null, { status: 201 }));
  });
  await using here = await project(FILES);
  assert.deepEqual(await here.statuses(FILE, "--remote", server.url), ALL_RAN);
  assert.equal(server.requests.filter((line) => line.startsWith("PUT ac/")).length, 3);
});

Deno.test("Ctrl-C does not wait for a download", async () => {
  const silence = Promise.withResolvers<Response>();
  const asked = Promise.withResolvers<void>();
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  await here.statuses(FILE, "--remote", server.url);
  server.misbehave = ({ entry }) => {
    if (!entry.startsWith("cas/")) return undefined;
    asked.resolve();
    return silence.promise;
  };
  const started = there.start("run", FILE, "--remote", server.url);
  await asked.promise;
  started.kill("SIGINT");
  const { code, stdout } = await started.ended;
  assert.equal(code, 130);
  assert.match(stdout, /3 stages: 3 skipped/);
  silence.resolve(new Response(null, { status: 404 }));
});

Deno.test("a run that is killed in the middle of a download leaves a store that is whole", async () => {
  const asked = Promise.withResolvers<void>();
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  const made = await here.run("run", FILE, "--json", "--remote", server.url);
  // The first bytes of every file, and then nothing more.
  server.misbehave = ({ method, entry }) => {
    const content = server.entries.get(entry);
    if (method !== "GET" || !entry.startsWith("cas/") || content?.[0] === 0x7b) return undefined;
    return new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(content?.subarray(0, 2)),
        pull: () => asked.resolve(),
      }),
    );
  };
  const started = there.start("run", FILE, "--remote", server.url);
  await asked.promise;
  started.kill("SIGKILL");
  await started.ended;
  server.misbehave = () => undefined;
  const { stdout } = await there.run("run", FILE, "--json", "--remote", server.url);
  assert.deepEqual(statusesOf(stdout), ALL_HIT);
  const outputs = (json: string) =>
    (JSON.parse(json) as Document).stages.map((stage) => stage.outputs);
  assert.deepEqual(outputs(stdout), outputs(made.stdout));
});

Deno.test("stages do not get to see who is asking", async () => {
  await using server = cacheServer();
  await using here = await project({
    "stages/env.ts": stage("await done(JSON.stringify(Deno.env.toObject()));"),
    "pipelines/env.yaml": "stages:\n  env: { uses: env }\n",
  });
  const env = {
    SR4IR_REMOTE: server.url.replace("//", "//a:b@"),
    SR4IR_REMOTE_TOKEN: "t0ken",
    SR4IR_REMOTE_KEY: "a secret that is long enough",
  };
  const { stdout } = await here.runWith(env, "run", "pipelines/env.yaml", "--json");
  const { out } = (JSON.parse(stdout) as Document).stages[0].outputs;
  const tree = JSON.parse(here.read(`.store/objects/${out.slice(0, 2)}/${out}`));
  const [{ digest }] = tree.files;
  const seen = JSON.parse(here.read(`.store/objects/${digest.slice(0, 2)}/${digest}`));
  assert.deepEqual(Object.keys(seen).filter((name) => name.startsWith("SR4IR")), []);
});
