/**
 * Pipelines without mistakes: what becomes of a file.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Pipeline, StageInstance } from "../../../runner/pipeline/instance.ts";
import { project } from "./project.ts";

const WHOLE = `
description: Everything a file can say
params:
  scale: 4
  data: { source: embedded, path: null }
  methods: [h2t, sr4ir]
  network: { name: edsr, options: { blocks: 4 } }
  note: "x\${params.scale} of \${params.data.source}, not $\${this}"
profiles:
  paper: { data: { source: folder, path: data/birds }, network: { options: { blocks: 16 } } }
stages:
  compare: { uses: compare, inputs: { all: train.weights } }
  generated: { uses: source, when: "\${params.data.source} == embedded" }
  imported:
    uses: source
    with: { path: "\${params.data.path}" }
    when: \${params.data.source} != embedded
  lr: { uses: make_lr, with: { scale: "\${params.scale}" }, inputs: { hr: generated.images | imported.images } }
  train:
    uses: train
    matrix: { method: "\${params.methods}" }
    with:
      method: \${matrix.method}
      network: \${params.network.name}
      network_options: \${params.network.options}
      note: \${params.note}
    inputs: { images: lr.lr, init: null }
    resources: { cpu: 2, memory: [2GiB, 4GiB], gpu: 1, slots: { disk: 1 }, mutex: [lib] }
    timeout: 1h30m
    grace: 2m
    checkpoint_seconds: 0.5
    retries: 1
slots: { disk: "\${params.scale}" }
`;

/** An instance without its contract, which is a module of the project. */
function plain({ contract: _, ...rest }: StageInstance): Omit<StageInstance, "contract"> {
  return rest;
}

function byId({ stages }: Pipeline): Record<string, Omit<StageInstance, "contract">> {
  return Object.fromEntries(stages.map((stage) => [stage.id, plain(stage)]));
}

Deno.test("a file becomes checked stage instances in an order that works", async () => {
  await using dir = await project(WHOLE);
  const { stages, params: _, ...pipeline } = await dir.load();
  assert.deepEqual(pipeline, {
    name: "test",
    file: `${dir.root}/pipelines/test.yaml`,
    profile: "default",
    slots: { disk: 4 },
  });
  const usual = {
    aliases: [],
    externals: [],
    modules: [],
    resources: { cpu: 1, gpu: 0 },
    retries: 0,
  };
  const train = {
    aliases: [],
    name: "train",
    uses: "train",
    modules: ["models/sr/edsr.ts"],
    externals: [],
    inputs: { images: [{ id: "lr", output: "lr" }] },
    resources: {
      cpu: 2,
      memory: 2 ** 31,
      moreMemory: [2 ** 32],
      gpu: 1,
      slots: { disk: 1 },
      mutex: ["lib"],
    },
    timeoutSeconds: 5400,
    graceSeconds: 120,
    checkpointSeconds: 0.5,
    retries: 1,
  };
  const params = {
    epochs: 3,
    network: "edsr",
    network_options: { scale: 4, blocks: 4 },
    note: "x4 of embedded, not ${this}",
  };
  assert.deepEqual(stages.map(plain), [
    { id: "generated", name: "generated", uses: "source", params: {}, inputs: {}, ...usual },
    {
      id: "lr",
      name: "lr",
      uses: "make_lr",
      params: { scale: 4 },
      inputs: { hr: [{ id: "generated", output: "images" }] },
      ...usual,
    },
    { id: "train/h2t", ...train, params: { ...params, method: "h2t" } },
    { id: "train/sr4ir", ...train, params: { ...params, method: "sr4ir" } },
    {
      id: "compare",
      name: "compare",
      uses: "compare",
      params: {},
      inputs: {
        all: [{ id: "train/h2t", output: "weights" }, { id: "train/sr4ir", output: "weights" }],
      },
      ...usual,
    },
  ]);
  assert.equal(stages[1].contract.summary, "Shrink pictures");
});

Deno.test("a pipeline has the params that it was made with, without references", async () => {
  await using dir = await project({
    "pipelines/test.yaml": `
params: { name: birds, title: "All \${params.name}", train: { epochs: 3, rate: 0.1 } }
profiles: { quick: { train: { epochs: 1 } } }
include: { one: { pipeline: one.yaml, params: { text: "\${params.name}" } } }
stages: { made: { uses: source } }
`,
    "pipelines/one.yaml": "params: { text: hi }\nstages: { made: { uses: source } }\n",
  });
  const { params } = await dir.load({ profile: "quick", sets: ["train.rate=0.2"] });
  assert.deepEqual(params, {
    name: "birds",
    title: "All birds",
    train: { epochs: 1, rate: 0.2 },
    one: { text: "birds" },
  });
});

Deno.test("a profile lies over the params, and --set over both", async () => {
  await using dir = await project({ "pipelines/test.yaml": WHOLE, "data/birds/a.txt": "" });
  const pipeline = await dir.load({ profile: "paper", sets: ["scale=8", "methods=[l2t]"] });
  assert.equal(pipeline.profile, "paper");
  const stages = byId(pipeline);
  assert.deepEqual(Object.keys(stages), ["imported", "lr", "train/l2t", "compare"]);
  assert.deepEqual(stages.imported.params, { path: "data/birds" });
  assert.deepEqual(stages.lr.params, { scale: 8 });
  assert.deepEqual(stages.lr.inputs, { hr: [{ id: "imported", output: "images" }] });
  assert.deepEqual(stages["train/l2t"].params.network_options, { scale: 4, blocks: 16 });
  assert.equal(stages["train/l2t"].params.note, "x8 of folder, not ${this}");
});

Deno.test("the profile default is the params as they are", async () => {
  await using dir = await project(WHOLE);
  assert.deepEqual(await dir.load({ profile: "default" }), await dir.load());
});

Deno.test("a default that is written out changes nothing", async () => {
  await using dir = await project(
    "stages:\n  a: { uses: source }\n  b: { uses: make_lr, inputs: { hr: a.images } }\n",
  );
  await using same = await project(
    "stages:\n  a: { uses: source }\n  b: { uses: make_lr, with: { scale: 4 }, inputs: { hr: a.images } }\n",
  );
  assert.deepEqual(byId(await same.load()).b, byId(await dir.load()).b);
});

Deno.test("empty sections are no sections", async () => {
  await using dir = await project(`
params:
profiles: { paper: }
stages:
  a:
    uses: source
    with:
    inputs:
    matrix:
    resources: { cpu: }
    timeout:
    retries:
`);
  const [{ id, params, resources, retries }] = (await dir.load({ profile: "paper" })).stages;
  assert.deepEqual({ id, params, resources, retries }, {
    id: "a",
    params: {},
    resources: { cpu: 1, gpu: 0 },
    retries: 0,
  });
});

Deno.test("the order of keys changes no instance", async () => {
  await using dir = await project("");
  const base = await load(structure());
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat()), async (numbers) => {
      const shuffled = shuffleKeys(structure(), () => numbers.next().value);
      assert.deepEqual(await load(shuffled), base);
    }),
    { numRuns: 25 },
  );

  /** JSON is YAML. */
  async function load(file: unknown) {
    await Deno.writeTextFile(`${dir.root}/pipelines/test.yaml`, JSON.stringify(file));
    return byId(await dir.load({ profile: "p" }));
  }

  function structure() {
    return {
      params: { scale: 8, a: { b: 1, c: 2 }, options: { blocks: 2, scale: 2 } },
      profiles: { p: { scale: 4, a: { c: 3 } } },
      stages: {
        one: { uses: "source", resources: { cpu: 2, gpu: 1 } },
        two: { uses: "make_lr", with: { scale: "${params.scale}" }, inputs: { hr: "one.images" } },
        three: {
          uses: "train",
          matrix: { method: ["h2t", "l2t"] },
          with: {
            method: "${matrix.method}",
            epochs: "${params.a.c}",
            network: "edsr",
            network_options: "${params.options}",
          },
          inputs: { images: "two.lr" },
        },
        four: { uses: "compare", inputs: { all: ["three/l2t.weights", "three/h2t.weights"] } },
      },
    };
  }

  function shuffleKeys(value: unknown, random: () => number): unknown {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const keyed = Object.entries(value).map(([key, inner]) => ({ key, inner, rank: random() }));
    keyed.sort((a, b) => a.rank - b.rank);
    return Object.fromEntries(keyed.map(({ key, inner }) => [key, shuffleKeys(inner, random)]));
  }
});

Deno.test("a thousand stages load in their order", async () => {
  const stages = Array.from({ length: 999 }, (_, i) => [`s${i + 1}`, {
    uses: "make_lr",
    inputs: { hr: i === 0 ? "s0.images" : `s${i}.lr` },
  }]);
  const file = { stages: { s0: { uses: "source" }, ...Object.fromEntries(stages) } };
  await using dir = await project(JSON.stringify(file));
  const pipeline = await dir.load();
  assert.deepEqual(
    pipeline.stages.map(({ id }) => id),
    Array.from({ length: 1000 }, (_, i) => `s${i}`),
  );
});
