/**
 * `manifests`: what it writes is run here as a cluster would run it, by its very command and in its
 * very environment, and the pipeline finds the results.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join, resolve } from "node:path";
import { loadAll } from "js-yaml";
import type { KubernetesJob } from "../../runner/manifests/kubernetes.ts";
import { type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";
const HERE = resolve(import.meta.dirname ?? ".", "../..");
const HOME = Deno.env.get("HOME") ?? Deno.cwd();
const DENO_DIR = Deno.env.get("DENO_DIR");

/** What the image would have: Deno on the path, a shell. */
const PATH = `${dirname(Deno.execPath())}:/usr/bin:/bin`;

const CHAIN = `
stages:
  a: { uses: say, with: { text: hello } }
  b: { uses: say, with: { text: world } }
  loud: { uses: shout, inputs: { text: a.text } }
  all: { uses: join, inputs: { texts: [loud.text, b.text] } }
`;

/** A project with these stages, on a volume with all else that jobs need. */
async function clustered(pipeline: string, more: Record<string, string> = {}): Promise<Project> {
  const dir = await project({ ...STAGES, [FILE]: pipeline, ...more });
  const folders = [dir.folder, HERE, HOME, ...(DENO_DIR === undefined ? [] : [DENO_DIR])];
  const volumes = JSON.stringify(folders.map((path, i) => ({ path, claim: `claim-${i}` })));
  const hosts = JSON.stringify(folders.map((path) => ({ path, host: path })));
  dir.write({
    "cluster.yaml": `
memory: 1GiB
kubernetes: { image: deno, volumes: ${volumes} }
aws_batch: { image: deno, queue: q, volumes: ${hosts} }
`,
  });
  return dir;
}

/** The Jobs that are written now, by the ids of their stages. */
async function kubernetesJobs(dir: Project, ...args: string[]) {
  const { code, stdout, stderr } = await dir.run("manifests", FILE, "--for", "kubernetes", ...args);
  assert.equal(code, 0, stderr);
  const jobs = loadAll(stdout) as KubernetesJob[]; // it was written by what has this type
  const byId = new Map(jobs.map((job) => [job.metadata.annotations["sr4ir/stage"], job]));
  return { byId, ids: [...byId.keys()], stderr };
}

/** Runs a Job's container as a process. */
function startPod(job: KubernetesJob | undefined): Deno.ChildProcess {
  assert.ok(job);
  const [{ command: [program, ...args], env }] = job.spec.template.spec.containers;
  return new Deno.Command(program, {
    args,
    clearEnv: true,
    env: { PATH, ...Object.fromEntries(env.map(({ name, value }) => [name, value])) },
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

async function podEnd(pod: Deno.ChildProcess): Promise<{ code: number; said: string }> {
  const { code, stderr } = await pod.output();
  return { code, said: new TextDecoder().decode(stderr) };
}

Deno.test({
  name: "the containers of Kubernetes' Jobs make what run finds stored, wave by wave",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await clustered(CHAIN);
    for (const wave of [["a", "b"], ["loud"], ["all"]]) {
      const { byId, ids } = await kubernetesJobs(dir);
      assert.deepEqual(ids, wave);
      for (const id of wave) {
        const { code, said } = await podEnd(startPod(byId.get(id)));
        assert.equal(code, 0, said);
      }
    }
    const none = await kubernetesJobs(dir);
    assert.deepEqual([none.ids, none.stderr], [[], "nothing to do: all results are stored\n"]);
    assert.deepEqual(await dir.statuses(FILE), { a: "hit", b: "hit", loud: "hit", all: "hit" });
  },
});

Deno.test({
  name: "it says what is written, what comes later, and what that waits for",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await clustered(CHAIN);
    const { stderr } = await kubernetesJobs(dir);
    assert.equal(
      stderr,
      `
2 jobs for Kubernetes: a and b
  later: loud waits for a
  later: all waits for loud and b
  for these the same command again, once the jobs are done
`.trimStart(),
    );
    const { stdout } = await dir.run("manifests", FILE, "--for", "kubernetes", "--json");
    const { target, jobs, later } = JSON.parse(stdout);
    assert.deepEqual([target, jobs.length, later], ["kubernetes", 2, [
      { id: "loud", why: "waits for a" },
      { id: "all", why: "waits for loud and b" },
    ]]);
    assert.equal((await dir.run("plan", FILE)).code, 0);
    assert.throws(() => Deno.statSync(dir.path(".store")), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "a pod that is told to go saves; the next one goes on from there",
  ignore: Deno.build.os === "windows",
  async fn() {
    const long = stage(`
      const saved = context.scratch + "/saved";
      if (await Deno.stat(saved).then(() => true, () => false)) {
        context.report.metric("resumed", 1);
        return await done();
      }
      const { signal } = context;
      console.error("at work");
      while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
      await Deno.writeTextFile(saved, "half");
    `);
    await using dir = await clustered(
      "stages: { long: { uses: long, grace: 2m, retries: 1 } }",
      { "stages/long.ts": long },
    );
    const { byId } = await kubernetesJobs(dir);
    const job = byId.get("long");
    const first = startPod(job);
    const log = await untilThere(dir, "at work");
    first.kill("SIGTERM"); // as kubelet does before it ends a pod
    const { code, said } = await podEnd(first);
    const [, ignored, final] = job?.spec.podFailurePolicy.rules ?? [];
    assert.ok(ignored.onExitCodes?.values.includes(code), `${code}\n${said}\n${log}`);
    assert.ok(!final.onExitCodes?.values.includes(code));
    const second = await podEnd(startPod(job));
    assert.equal(second.code, 0, second.said);
    const { stdout } = await dir.run("run", FILE, "--json");
    const { stages, metrics } = JSON.parse(stdout);
    assert.deepEqual([stages[0].status, metrics.long], ["hit", { resumed: 1 }]);
  },
});

/** Waits until the only stage at work has printed this; how long that takes decides nothing. */
async function untilThere(dir: Project, text: string): Promise<string> {
  for (let i = 0; i < 3000; i++) {
    for (const { name } of filesIn(dir.path(".store/work"))) {
      const log = join(dir.path(".store/work"), name, "log");
      try {
        const said = Deno.readTextFileSync(log);
        if (said.includes(text)) return said;
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error; // not made yet
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Waited a minute in vain for "${text}"`);
}

function filesIn(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

Deno.test({
  name: "a stage that fails ends its pod with a code after which there is no other pod",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await clustered("stages: { bad: { uses: bad } }", {
      "stages/bad.ts": stage(`throw new StageError("no luck");`),
    });
    const { byId } = await kubernetesJobs(dir);
    const job = byId.get("bad");
    const { code, said } = await podEnd(startPod(job));
    assert.match(said, /no luck/);
    const [, , final] = job?.spec.podFailurePolicy.rules ?? [];
    assert.deepEqual([final.action, final.onExitCodes?.values.includes(code)], ["FailJob", true]);
  },
});

Deno.test({
  name: "jobs get the person's choices: params, profile, store, stages to force",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await clustered(`
params: { text: hello }
profiles: { loud: { text: HELLO } }
stages:
  a: { uses: say, with: { text: "\${params.text}" } }
  b: { uses: shout, inputs: { text: a.text }, with: { mark: "?" } }
`);
    const options = ["--profile", "loud", "--store", "elsewhere", "--set", "text=it's $(HOME)"];
    assert.equal((await dir.run("run", FILE, ...options)).code, 0);
    const { byId, ids } = await kubernetesJobs(dir, ...options, "--force", "b");
    assert.deepEqual(ids, ["b"]);
    const { code, said } = await podEnd(startPod(unescaped(byId.get("b"))));
    assert.equal(code, 0, said);
    assert.match(said, /forced to run again/);
    assert.throws(() => Deno.statSync(dir.path(".store")), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "the address of a remote cache is written, but never with a user or password",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await clustered(CHAIN);
    for (const cluster of ["kubernetes", "aws-batch"]) {
      const args = ["manifests", FILE, "--for", cluster, "--remote"];
      const open = await dir.run(...args, "http://127.0.0.1:9/cache", "--remote-read-only");
      assert.match(open.stdout, /--remote\W+http:\/\/127\.0\.0\.1:9\/cache\W+--remote-read-only/);
      const secret = await dir.run(...args, "http://me:hush@127.0.0.1:9/cache");
      assert.equal(secret.code, 0, secret.stderr);
      assert.doesNotMatch(secret.stdout + secret.stderr, /hush|--remote\b/);
      assert.match(secret.stderr, /^note: jobs do not use the remote cache: .* SR4IR_REMOTE/m);
    }
  },
});

/** As Kubernetes hands it to the container. */
function unescaped(job: KubernetesJob | undefined): KubernetesJob | undefined {
  const copy = structuredClone(job);
  for (const container of copy?.spec.template.spec.containers ?? []) {
    container.command = container.command.map((word) => word.replaceAll("$$(", () => "$("));
  }
  return copy;
}

Deno.test({
  name: "the script for AWS Batch submits all stages, each after those it needs; run finds all",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await clustered(CHAIN);
    const env = fakeAws(dir);
    const part = await dir.run(
      ...["manifests", FILE, "--for", "aws-batch", "--until", "a", "--out", "jobs"],
    );
    assert.deepEqual([part.code, part.stdout, part.stderr], [0, "", "1 job for AWS Batch: a\n"]);
    const first = await shell(env, dir.path("jobs/submit.sh"));
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^\d+ p-a-[0-9a-f]{10}\n$/);

    const { code, stdout, stderr } = await dir.run("manifests", FILE, "--for", "aws-batch");
    assert.deepEqual([code, stderr], [0, "3 jobs for AWS Batch: b, loud and all\n"]);
    dir.write({ "all.sh": stdout });
    const rest = await shell(env, dir.path("all.sh"));
    assert.equal(rest.code, 0, rest.stderr);
    assert.deepEqual(rest.stdout.match(/(?<= p-)[a-z]+/g), ["b", "loud", "all"]);
    assert.deepEqual(await dir.statuses(FILE), { a: "hit", b: "hit", loud: "hit", all: "hit" });
  },
});

/** Puts a program `aws` on the path that runs jobs here. @returns the environment */
function fakeAws(dir: Project): Record<string, string> {
  const program = `exec deno run --quiet --no-config -A ${join(HERE, "tests/helpers/fake_aws.ts")}`;
  dir.write({ "bin/aws": `#!/bin/sh\n${program} "$@"\n` });
  Deno.chmodSync(dir.path("bin/aws"), 0o755);
  return { PATH: `${dir.path("bin")}:${PATH}`, FAKE_AWS: dir.path("aws"), HOME };
}

async function shell(env: Record<string, string>, script: string) {
  const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: [script],
    clearEnv: true,
    env,
    cwd: "/",
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test({
  name: "mistakes are told with what to do, before anything is written",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await clustered(CHAIN);
    const complaint = async (cluster: string, ...args: string[]) => {
      dir.write({ "cluster.yaml": cluster });
      const { code, stdout, stderr } = await dir.run("manifests", FILE, ...args);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      return stderr.replaceAll(dir.folder, "DIR");
    };
    const whole = dir.read("cluster.yaml");
    assert.equal(
      await complaint("partition: gpu\n", "--for", "kubernetes"),
      `
error: cluster.yaml does not say all that jobs of stage "say" need, in its kubernetes
  expected at least: kubernetes: { image: IMAGE, volumes: [{ claim: CLAIM, path: /shared }] }
`.trimStart(),
    );
    assert.equal(
      await complaint("kubernetes:\n  image: deno\n  node_selectr: {}\n", "--for", "kubernetes"),
      `
error: unknown key "kubernetes.node_selectr"
  cluster.yaml:3:3
  3 |   node_selectr: {}
    |   ^^^^^^^^^^^^ did you mean "node_selector"?
  here may stand: image, deno, env, namespace, volumes, node_selector, gpu, pod, container
`.trimStart(),
    );
    assert.match(
      await complaint(
        "kubernetes: { image: deno, volumes: [{ claim: a, path: /nowhere }] }\n",
        ...["--for", "kubernetes"],
      ),
      /^error: jobs would not find .* of kubernetes in cluster\.yaml\n.*\n {2}the project: DIR\n/,
    );
    assert.match(
      await complaint(
        "uses:\n  say: { kubernetes: { pod: { volumes: [] } } }",
        "--for",
        "kubernetes",
      ),
      /^error: "uses\.say\.kubernetes\.pod" must not have volumes: that is what volumes says\n.*:2:\d+\n/,
    );
    assert.equal(
      await complaint(whole.replace("memory: 1GiB", ""), "--for", "aws-batch"),
      `
error: AWS Batch must know how much memory stage "a" needs
  in the pipeline file: resources: { memory: 4GiB }
  or for all stages in cluster.yaml: memory: 4GiB
`.trimStart(),
    );
    assert.equal(
      await complaint(whole, "--for", "kubernetes", "--out", "pipelines"),
      `
error: pipelines is not empty: it has p.yaml
  --out wants a new or empty folder, so that what is in it belongs together
`.trimStart(),
    );
    assert.match(
      await complaint(whole, "--for", "kubernets"),
      /kubernets.*Allowed choices are kubernetes, aws-batch/,
    );
    assert.match(await complaint(whole, "--for", "kubernetes", "--cluster", "x.yaml"), /x\.yaml/);
  },
});
