/**
 * What README and docs say is so: commands exist and plan, pipelines load, code type-checks and its
 * tests pass, links lead somewhere.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { CORE_SCHEMA, load, mergeTag } from "js-yaml";
import config from "../deno.json" with { type: "json" };
import { readDocument } from "../runner/pipeline/document.ts";
import { Mistakes } from "../runner/pipeline/mistakes.ts";
import { fileSchema } from "../runner/pipeline/schema.ts";
import { valueAt } from "../runner/pipeline/schema_walk.ts";
import { readClusterConfig } from "../runner/execute/slurm/config.ts";
import { testFolder } from "./helpers/folder.ts";
import { applyDiff, blocksOf, commandsOf, linksOf, namedFile } from "./helpers/markdown.ts";
import { copyOfProject, type ProjectCopy } from "./helpers/project_copy.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");
const DOCS = [
  "README.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  ...[...Deno.readDirSync(join(ROOT, "docs"))].filter(({ name }) => name.endsWith(".md"))
    .map(({ name }) => `docs/${name}`).sort(),
];
const TEXTS = new Map(DOCS.map((file) => [file, Deno.readTextFileSync(join(ROOT, file))]));
const BLOCKS = [...TEXTS.values()].flatMap(blocksOf);
const YAML = CORE_SCHEMA.withTags(mergeTag);

/** Languages whose blocks are checked below, and those that only show something. */
const KNOWN_LANGUAGES = ["sh", "yaml", "ts", "diff", "console", "text", "bibtex"];

Deno.test("every block of code in the docs says a language that is checked", () => {
  const others = BLOCKS.map(({ language }) => language)
    .filter((language) => !KNOWN_LANGUAGES.includes(language));
  assert.deepEqual(others, []);
});

Deno.test("every link in the docs leads somewhere", () => {
  const broken: string[] = [];
  for (const [file, text] of TEXTS) {
    for (const link of linksOf(text)) {
      const [path, anchor] = link.split("#");
      const target = path === "" ? file : join(dirname(file), path);
      if (!isThere(join(ROOT, target))) broken.push(`${file}: ${link}`);
      else if (anchor && !anchorsOf(target).includes(anchor)) broken.push(`${file}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
});

Deno.test("every task that the docs name is one of deno.json's", () => {
  const named = commandsOf(BLOCKS).map(({ task }) => task).filter((task) => task !== undefined);
  const inText = [...TEXTS.values()].flatMap((text) =>
    [...text.matchAll(/`(?:npx -y )?deno task ([a-z-]+)/g)].map(([, task]) => task)
  );
  const unknown = [...named, ...inText].filter((task) => !Object.hasOwn(config.tasks, task));
  assert.deepEqual(unknown, []);
  assert.ok(named.length > 5, "commands are found");
});

Deno.test("every YAML block is a piece of a pipeline file, or cluster.yaml", async () => {
  for (const { language, text } of BLOCKS) {
    if (language !== "yaml") continue;
    if (text.startsWith("# cluster.yaml\n")) {
      using folder = testFolder({ "cluster.yaml": text });
      await readClusterConfig(`${folder.path}/cluster.yaml`, ["train", "compare"]);
      continue;
    }
    const { success, error } = fileSchema.safeParse(load(text, { schema: YAML }));
    assert.ok(success, `${text}\n${error}`);
  }
});

Deno.test("the table of stages in the docs is complete", async () => {
  const text = TEXTS.get("docs/pipelines.md") ?? "";
  const rows = new Map(
    [...text.matchAll(/^\| `([a-z_0-9]+)` *\|[^|]*\|([^|]*)\|([^|]*)\|$/gm)].map((
      [, name, inputs, outputs],
    ): [string, Ports] => [name, { inputs: wordsOf(inputs), outputs: wordsOf(outputs) }])
      .filter(([name]) => name !== "uses"),
  );
  const stages = [...Deno.readDirSync(join(ROOT, "stages"))].map(({ name }) => name.slice(0, -3));
  assert.deepEqual([...rows.keys()].sort(), stages.sort());
  for (const [name, row] of rows) {
    const { default: contract } = await import(`../stages/${name}.ts`);
    assert.deepEqual(row.inputs, Object.keys(contract.inputs), name);
    assert.deepEqual(row.outputs, Object.keys(contract.outputs), name);
  }
});

Deno.test("the params that the docs explain are there", async () => {
  const text = TEXTS.get("docs/pipelines.md")?.split("## The params\n")[1] ?? "";
  const named = [...text.matchAll(/^\| (`[^|]*) *\|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`([\w.]+)`/g)].map(([, name]) => name)
  ).filter((name) => name !== "param");
  const pipeline = await readDocument(join(ROOT, "pipelines/det_coco.yaml"), new Mistakes());
  const unknown = named.filter((name) =>
    valueAt(pipeline?.file.params, name.split(".")) === undefined
  );
  assert.deepEqual(unknown, []);
  assert.ok(named.length > 20, "params are found");
});

Deno.test({
  name: "what the docs add to the project",
  sanitizeResources: false,
  fn: async (t) => {
    await using project = await copyOfProject(ROOT);
    const files = BLOCKS.flatMap((block) => {
      const file = ["ts", "yaml"].includes(block.language) ? namedFile(block) : undefined;
      return file === undefined ? [] : [{ ...file, language: block.language }];
    });
    const dataset = await writeTinyTables(project);
    for (const { path, text } of files) {
      await project.write(path, text.replaceAll(/\bDIR\b/g, dataset));
    }
    const scripts = files.filter(({ language }) => language === "ts").map(({ path }) => path);
    const changed = BLOCKS.filter(({ language }) => language === "diff").map(({ text }) =>
      applyDiff(text, project)
    );

    await t.step("says of every script where it belongs", () => {
      const all = BLOCKS.filter(({ language }) => language === "ts").length;
      assert.equal(scripts.length, all);
    });
    await t.step("type-checks, is formatted and lint-free", async () => {
      await project.deno("check", ...scripts, ...changed);
      await project.deno("lint", ...scripts);
      await project.deno("fmt", "--check", ...scripts, ...changed);
    });
    await t.step("passes its tests", async () => {
      await project.deno(
        "test",
        "-P",
        "--no-check",
        ...scripts.filter((path) => path.startsWith("tests/")),
      );
    });
    const planned = new Set(
      files.filter(({ path }) => path.startsWith("pipelines/")).map(({ path }) => path),
    );
    for (const { task, args } of commandsOf(BLOCKS)) {
      // Where stages run is no matter of the plan.
      const asked = args.join(" ").replace(" --executor slurm", "");
      if (task === "run" || task === "plan") planned.add(asked);
    }
    for (const args of planned) {
      await t.step(
        `plan ${args}`,
        () => project.plan(args.replaceAll(/\bDIR\b/g, dataset).split(" ")),
      );
    }
    for (const { language, text } of BLOCKS) {
      if (language !== "console") continue;
      const [command, ...expected] = text.trimEnd().split("\n");
      await t.step(command, async () => {
        const words = command.replace(/^\$ deno task /, "").split(/\s+/);
        const said = await project.say(words);
        assert.match(said.trimEnd(), patternOf(expected.join("\n")));
      });
    }
    await t.step("runs", async () => {
      await project.run("pipelines/counts.yaml");
      await project.write("pipelines/tables.yaml", tables(dataset));
      await project.run("pipelines/tables.yaml");
      await project.run("pipelines/pose.yaml", "--set", "sr.epochs=0.1", "--set", "train.epochs=1");
    });
  },
});

/** What a row of the table of stages says. */
interface Ports {
  inputs: string[];
  outputs: string[];
}

/** Two pictures with boxes in tables; enough for every command that wants a folder. */
async function writeTinyTables(project: ProjectCopy): Promise<string> {
  const picture = Deno.readFileSync(join(ROOT, "tests/ml/image/pictures/colour.png"));
  await project.write("tiny/train.csv", "a.png,0,0,5,4,cat\na.png,2,1,6,5,dog\n");
  await project.write("tiny/val.csv", "b.png,1,1,6,6,dog\n");
  for (const name of ["a.png", "b.png"]) await project.write(`tiny/${name}`, picture);
  const checkpoints = [
    "edsr_baseline_x4-6b446fab.pt",
    "mobilenet_v3_large-8738ca79.pth",
    "net_det_latest.pth",
    "net_sr_latest.pth",
  ];
  const pictures = ["classes/train/a/a.png", "train/a.png", "val/a.png", "set5/a.png"];
  for (const name of [...checkpoints, "masks/classes.txt", ...pictures]) {
    await project.write(`tiny/${name}`, "only planned with");
  }
  return project.path("tiny");
}

function tables(dataset: string): string {
  return `
stages:
  boxes: { uses: dataset_csv, with: { path: ${dataset}, classes: [cat, dog] } }
  counts: { uses: class_counts, inputs: { data: boxes.train } }
`;
}

/** The text with `…` for whatever may stand there. */
function patternOf(text: string): RegExp {
  const parts = text.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`);
}

function wordsOf(cell: string): string[] {
  return [...cell.matchAll(/`(\w+)`/g)].map(([, word]) => word);
}

function anchorsOf(file: string): string[] {
  const text = TEXTS.get(file) ?? Deno.readTextFileSync(join(ROOT, file));
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title.toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/\s/g, "-")
  );
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
