/**
 * Whose results are taken from a remote cache, and which ones are given, seen from outside.
 *
 * @module
 */
import assert from "node:assert/strict";
import { cacheServer } from "../helpers/cache_server.ts";
import { project } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const FILE = "pipelines/texts.yaml";

const FILES = {
  ...STAGES,
  [FILE]: `
stages:
  first: { uses: say, with: { text: hello } }
  loud: { uses: shout, inputs: { text: first.text } }
`,
};

const SECRET = "a secret of the lab that is long enough";

const statusLine = (stdout: string) => stdout.trimEnd().split("\n").at(-1)?.replace(/, [^,]*$/, "");

Deno.test("results with the common secret are taken, all others count as not there", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  const signed = { SR4IR_REMOTE: server.url, SR4IR_REMOTE_KEY: SECRET };
  assert.equal((await here.runWith(signed, "run", FILE)).code, 0);
  const plan = await there.runWith(signed, "plan", FILE);
  assert.match(plan.stdout, /2 stages: 2 in the remote cache\n$/);

  const other = await there.runWith({ ...signed, SR4IR_REMOTE_KEY: SECRET + "." }, "run", FILE);
  assert.equal(statusLine(other.stdout), "2 stages: 2 ran");
  const warning = `! remote cache ${server.url}: results that are not signed with a key that you ` +
    "trust count as not there\n";
  assert.equal(other.stderr.split(warning).length, 2, other.stderr);
  // What they gave then is in nobody's favour here.
  Deno.removeSync(here.path(".store"), { recursive: true });
  const again = await here.runWith(signed, "run", FILE);
  assert.equal(statusLine(again.stdout), "2 stages: 2 ran");
});

Deno.test("who has the public key takes what was signed, and gives nothing", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  await using there = await project(FILES);
  const made = await here.run("cache", "keygen", "lab");
  assert.equal(
    made.stdout,
    `lab.pem: for who gives results; keep it secret
  export SR4IR_REMOTE_SIGNING_KEY=${here.path("lab.pem")}
lab.pub.pem: for who takes them; give it to all
  export SR4IR_REMOTE_PUBLIC_KEY=${here.path("lab.pub.pem")}
`,
  );
  assert.equal(Deno.statSync(here.path("lab.pem")).mode! & 0o777, 0o600);
  const remote = { SR4IR_REMOTE: server.url };
  const giver = { ...remote, SR4IR_REMOTE_SIGNING_KEY: here.path("lab.pem") };
  const taker = { ...remote, SR4IR_REMOTE_PUBLIC_KEY: here.path("lab.pub.pem") };
  assert.equal((await here.runWith(giver, "run", FILE)).code, 0);
  server.requests.length = 0;
  const run = await there.runWith(taker, "run", FILE, "--set", "x=1");
  assert.equal(run.code, 2); // no such param: nothing is asked
  const taken = await there.runWith(taker, "run", FILE);
  assert.equal(statusLine(taken.stdout), "2 stages: 2 from remote cache");

  there.write({ [FILE]: FILES[FILE].replace("hello", "other") });
  const own = await there.runWith(taker, "run", FILE);
  assert.equal(statusLine(own.stdout), "2 stages: 2 ran");
  assert.deepEqual(server.requests.filter((line) => line.startsWith("PUT")), []);
  assert.deepEqual(await there.runWith(taker, "cache", "push", FILE), {
    code: 2,
    stdout: "",
    stderr: `
error: Cannot give results: SR4IR_REMOTE_PUBLIC_KEY can check signatures, not make them
  Set SR4IR_REMOTE_SIGNING_KEY to the file of a private key; see deno task cache keygen
`.trimStart(),
  });
});

Deno.test("a key that cannot be used is told of, and is in no output", async () => {
  await using here = await project({ ...FILES, "no.pem": "something" });
  await here.run("cache", "keygen", "lab");
  const run = async (env: Record<string, string>) => {
    const { code, stderr } = await here.runWith({ SR4IR_REMOTE: here.folder, ...env }, "run", FILE);
    assert.equal(code, 2);
    return stderr;
  };
  assert.equal(
    await run({ SR4IR_REMOTE_KEY: "short" }),
    `
error: Cannot use SR4IR_REMOTE_KEY: it has 5 characters, and fewer than 16 can be guessed
  openssl rand -base64 32 makes a good one
`.trimStart(),
  );
  assert.equal(
    await run({ SR4IR_REMOTE_SIGNING_KEY: "no.pem" }),
    `
error: Cannot use SR4IR_REMOTE_SIGNING_KEY=no.pem: it is no private key as a PEM file
  deno task cache keygen makes a pair of keys
`.trimStart(),
  );
  assert.equal(
    await run({ SR4IR_REMOTE_PUBLIC_KEY: "lab.pem" }),
    `
error: Cannot use SR4IR_REMOTE_PUBLIC_KEY=lab.pem: it holds a private key
  openssl pkey -in lab.pem -pubout writes the public one; for the private one there is SR4IR_REMOTE_SIGNING_KEY
`.trimStart(),
  );
  assert.equal(
    await run({ SR4IR_REMOTE_PUBLIC_KEY: "gone.pem" }),
    `
error: Cannot read SR4IR_REMOTE_PUBLIC_KEY=gone.pem: there is no such file
  deno task cache keygen makes a pair of keys
`.trimStart(),
  );
  assert.equal(
    await run({ SR4IR_REMOTE_KEY: SECRET, SR4IR_REMOTE_PUBLIC_KEY: "lab.pub.pem" }),
    `
error: Cannot use SR4IR_REMOTE_KEY beside SR4IR_REMOTE_PUBLIC_KEY
  Choose one: a secret that all share, or a key pair
`.trimStart(),
  );
  const again = await here.run("cache", "keygen", "lab");
  assert.deepEqual([again.code, again.stderr], [
    2,
    `
error: Cannot write the key lab.pem: it is there already
  deno task cache keygen NAME writes NAME.pem and NAME.pub.pem
`.trimStart(),
  ]);
});

Deno.test("--remote-strict gives what was verified, and says how to verify the rest", async () => {
  await using server = cacheServer();
  await using here = await project(FILES);
  const remote = ["--remote", server.url];
  const puts = () => server.requests.filter((line) => line.startsWith("PUT ac/")).length;
  const strict = { SR4IR_REMOTE: server.url, SR4IR_REMOTE_STRICT: "1" };
  const first = await here.runWith(strict, "run", FILE);
  const HELD = "2 results held back, for nobody has verified that they are deterministic: " +
    "first and loud\n  to verify: deno task run pipelines/texts.yaml --check first --check loud\n";
  assert.ok(first.stdout.endsWith(HELD), first.stdout);
  assert.equal(puts(), 0);
  const push = await here.run("cache", "push", FILE, ...remote, "--remote-strict");
  assert.deepEqual([push.code, push.stdout], [0, `0 results shared\n${HELD}`]);
  const all = await here.run("cache", "push", "all", ...remote, "--remote-strict", "--json");
  const { heldBack, ...rest } = JSON.parse(all.stdout);
  assert.deepEqual([heldBack.length, rest], [2, { shared: [], failed: 0, missing: [] }]);

  const checked = await here.run("run", FILE, ...remote, "--remote-strict", "--check", "loud");
  assert.equal(checked.code, 0, checked.stderr);
  assert.equal(puts(), 1);
  const again = await here.run("cache", "push", FILE, ...remote, "--remote-strict");
  assert.equal(
    again.stdout,
    "1 result shared\n" +
      "1 result held back, for nobody has verified that it is deterministic: first\n" +
      "  to verify: deno task run pipelines/texts.yaml --check first\n",
  );
  const wrong = await here.runWith({ ...strict, SR4IR_REMOTE_STRICT: "yes" }, "run", FILE);
  assert.equal(
    wrong.stderr,
    "error: Cannot use SR4IR_REMOTE_STRICT=yes: expected 1 or 0\n",
  );
});
