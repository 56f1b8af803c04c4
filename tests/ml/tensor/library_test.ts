import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { findLibrary, type Library } from "../../../ml/tensor/tensorflow/library.ts";
import { lastWords } from "../../../ml/tensor/tensorflow/pip.ts";
import { type Wheel, wheelFor } from "../../../ml/tensor/tensorflow/wheel.ts";
import { readFolder, type TestFolder, testFolder } from "../../helpers/folder.ts";
import { zipFile } from "../../helpers/zip.ts";

const SCRIPT = fileURLToPath(new URL("../../helpers/fetch_library.ts", import.meta.url));

const WHEEL_FILE = zipFile({
  "tensorflow/libtensorflow_cc.so.2": new TextEncoder().encode("kernels"),
  "tensorflow/python/eager.py": new TextEncoder().encode("not wanted"),
  "tensorflow/libtensorflow_framework.so.2": new TextEncoder().encode("framework"),
});

const WHEEL: Wheel = {
  package: "tensorflow-cpu",
  version: "9.9.9",
  platform: "manylinux_2_27_x86_64",
  bytes: WHEEL_FILE.length,
  sha256: createHash("sha256").update(WHEEL_FILE).digest("hex"),
  libraries: { "libtensorflow_cc.so.2": 7, "libtensorflow_framework.so.2": 9 },
};

const LIBRARIES = {
  "cache/sr4ir/tensorflow-9.9.9.lock": "",
  "cache/sr4ir/tensorflow-9.9.9/libtensorflow_cc.so.2": "kernels",
  "cache/sr4ir/tensorflow-9.9.9/libtensorflow_framework.so.2": "framework",
};

/** A pip that writes its arguments down and then does as the test says. */
function pip(download: string): string {
  return `#!/bin/sh
here=$(/usr/bin/dirname "$0")
case "$*" in *--version*) exit 0;; esac
echo "$*" >> "$here/../calls"
for each in "$@"; do case "$each" in --dest=*) dest="\${each#--dest=}";; esac; done
${download}
`;
}

const COPY = '/bin/cp "$here/../published.whl" "$dest/tensorflow_cpu-9.9.9-cp311.whl"';

function machine(download: string = COPY): TestFolder {
  const folder = testFolder({ "bin/python3": pip(download), "published.whl": WHEEL_FILE });
  Deno.chmodSync(`${folder.path}/bin/python3`, 0o755);
  return folder;
}

interface Told {
  library?: Library;
  error?: string;
  seen: [done: number, total: number, what: string][];
}

function start({ path }: TestFolder, wheel: Wheel): Deno.ChildProcess {
  const { DENO_DIR = `${Deno.env.get("HOME")}/.cache/deno`, HOME = "" } = Deno.env.toObject();
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", SCRIPT, JSON.stringify(wheel)],
    clearEnv: true,
    env: { PATH: `${path}/bin`, XDG_CACHE_HOME: `${path}/cache`, DENO_DIR, HOME },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function fetchIn(folder: TestFolder, wheel: Wheel = WHEEL): Promise<Told> {
  const { stdout, stderr } = await start(folder, wheel).output();
  const told = new TextDecoder().decode(stdout);
  assert.ok(told !== "", new TextDecoder().decode(stderr));
  return JSON.parse(told);
}

function calls({ path }: TestFolder): string[] {
  try {
    return Deno.readTextFileSync(`${path}/calls`).trim().split("\n");
  } catch {
    return [];
  }
}

/** What lies there, but the test's own files. */
function left(folder: TestFolder): Record<string, string> {
  const files = readFolder(folder.path);
  for (const own of ["bin/python3", "published.whl", "calls"]) delete files[own];
  return files;
}

Deno.test("the library is fetched by pip once, and only the libraries are kept", async () => {
  using folder = machine();
  const first = await fetchIn(folder);
  assert.deepEqual(first.library, {
    folder: `${folder.path}/cache/sr4ir/tensorflow-9.9.9`,
    version: "9.9.9",
    from: "cache",
  });
  assert.deepEqual(left(folder), LIBRARIES);
  assert.match(calls(folder)[0], /download .*--platform=manylinux_2_27_x86_64/);
  assert.match(calls(folder)[0], /tensorflow-cpu==9\.9\.9$/);

  const second = await fetchIn(folder);
  assert.deepEqual(second.library, first.library);
  assert.deepEqual(second.seen, []);
  assert.equal(calls(folder).length, 1);
});

Deno.test("fetching tells how far it is: each part from something to its whole", async () => {
  using folder = machine();
  const { seen } = await fetchIn(folder);
  const whole: Record<string, number> = {
    "downloading TensorFlow 9.9.9": WHEEL.bytes,
    "checking TensorFlow 9.9.9": WHEEL.bytes,
    "unpacking TensorFlow 9.9.9": 16,
  };
  assert.deepEqual([...new Set(seen.map(([, , what]) => what))], Object.keys(whole));
  for (const [what, total] of Object.entries(whole)) {
    const steps = seen.filter((step) => step[2] === what);
    assert.ok(steps.every((step) => step[1] === total));
    assert.deepEqual(
      steps.map(([done]) => done),
      steps.map(([done]) => done).sort((a, b) => a - b),
    );
    assert.equal(steps.at(-1)?.[0], total);
  }
});

Deno.test("a wheel with other bytes than the pinned ones is refused and not kept", async () => {
  using folder = machine();
  const other = { ...WHEEL, sha256: "0".repeat(64) };
  const { error } = await fetchIn(folder, other);
  assert.equal(
    error,
    `the downloaded file is not the published one: expected sha256 ${"0".repeat(64)} ` +
      `(${WHEEL.bytes} bytes), found ${WHEEL.sha256} (${WHEEL.bytes} bytes)`,
  );
  assert.deepEqual((await fetchIn(folder)).library?.version, "9.9.9");
  assert.deepEqual(left(folder), LIBRARIES);
});

Deno.test("a wheel without a library says which one", async () => {
  using folder = machine();
  const { error } = await fetchIn(folder, {
    ...WHEEL,
    libraries: { ...WHEEL.libraries, "libother.so": 1 },
  });
  assert.equal(error, "the wheel lacks libother.so");
});

Deno.test("pip's own words reach the person", async () => {
  using folder = machine(
    'echo "ERROR: No matching distribution found for tensorflow-cpu==9.9.9" >&2; exit 1',
  );
  const { error } = await fetchIn(folder);
  assert.equal(error, "pip: No matching distribution found for tensorflow-cpu==9.9.9");
});

Deno.test("a machine without pip is told so", async () => {
  using folder = machine();
  Deno.removeSync(`${folder.path}/bin/python3`);
  assert.equal((await fetchIn(folder)).error, "pip is not installed");
});

Deno.test("a full disk is seen before anything is downloaded", async () => {
  using folder = machine();
  const { error } = await fetchIn(folder, { ...WHEEL, bytes: 2 ** 60 });
  assert.match(
    error ?? "",
    /^it needs 2147483648\.0 GiB, \d+\.\d GiB free in .*; XDG_CACHE_HOME may name a folder on another disk$/,
  );
  assert.deepEqual(calls(folder), []);
});

Deno.test("killed after the download, the next run goes on without downloading again", async () => {
  using folder = machine(`${COPY}\nkill -9 $PPID`);
  const child = start(folder, WHEEL);
  assert.equal((await child.output()).signal, "SIGKILL");
  const { library, seen } = await fetchIn(folder);
  assert.equal(library?.version, "9.9.9");
  assert.equal(seen[0][2], "checking TensorFlow 9.9.9");
  assert.equal(calls(folder).length, 1);
  assert.deepEqual(left(folder), LIBRARIES);
});

Deno.test("half a download and half-unpacked libraries of a killed run do no harm", async () => {
  using folder = machine();
  const partial = "cache/sr4ir/tensorflow-9.9.9.partial";
  folder.write({
    [`${partial}/wheel/tensorflow_cpu-9.9.9-cp311.whl`]: WHEEL_FILE.slice(0, 50),
    [`${partial}/libraries/libtensorflow_cc.so.2`]: "ker",
    "cache/sr4ir/tensorflow-9.9.9/libtensorflow_cc.so.2": "",
  });
  assert.equal((await fetchIn(folder)).library?.version, "9.9.9");
  assert.deepEqual(left(folder), LIBRARIES);
});

Deno.test("two processes at once download once", async () => {
  using folder = machine();
  const both = await Promise.all([fetchIn(folder), fetchIn(folder)]);
  assert.deepEqual(both.map(({ library }) => library?.version), ["9.9.9", "9.9.9"]);
  assert.equal(calls(folder).length, 1);
  assert.deepEqual(left(folder), LIBRARIES);
});

Deno.test("a broken connection is named, not the error that pip makes of it", () => {
  const stderr = `
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<pip.Connection object at 0x7f>: [Errno 111] Connection refused')': /simple/tensorflow-cpu/
ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==2.21.0
ERROR: No matching distribution found for tensorflow-cpu==2.21.0
`;
  assert.equal(
    lastWords(stderr),
    "no connection to the package index ([Errno 111] Connection refused)",
  );
});

Deno.test("wheels are pinned for three kinds of machines", () => {
  assert.equal(wheelFor("x86_64-linux")?.package, "tensorflow-cpu");
  assert.equal(wheelFor("aarch64-linux")?.platform, "manylinux_2_27_aarch64");
  assert.equal(wheelFor("aarch64-darwin")?.platform, "macosx_12_0_arm64");
  assert.equal(wheelFor("x86_64-windows"), undefined);
});

Deno.test("a named folder without the libraries is an error that says what to do", async () => {
  using folder = testFolder({ "libtensorflow_framework.so.2": "" });
  assert.equal(
    await messageOf(() => findLibrary((name) => name === "SR4IR_TENSORFLOW" ? folder.path : "")),
    `Cannot use TensorFlow from ${folder.path} (SR4IR_TENSORFLOW): libtensorflow_cc.so.2 is not ` +
      "there; give the folder that holds libtensorflow_framework.so.2 and libtensorflow_cc.so.2, " +
      "or unset the variable to have it fetched",
  );
});

Deno.test("a named folder with files that are no libraries is an error with the loader's words", async () => {
  using folder = testFolder({
    "libtensorflow_framework.so.2": "text",
    "libtensorflow_cc.so.2": "text",
  });
  const message = await messageOf(() =>
    findLibrary((name) => name === "SR4IR_TENSORFLOW" ? folder.path : undefined)
  );
  assert.ok(
    message.startsWith(
      `Cannot load TensorFlow from ${folder.path}: `,
    ),
    message,
  );
});

async function messageOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("Expected an error, found none");
}
