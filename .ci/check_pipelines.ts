/**
 * The pipelines from outside: what runs the first time, the second, and after a change, what tasks
 * share, and whether the tables show what they should.
 *
 * @module
 */
import { run } from "./command.ts";

/** The part of the `--json` document that is looked at. */
interface Document {
  status: string;
  stages: { id: string; status: string; seconds: number }[];
  metrics: Record<string, Record<string, number | null>>;
}

/**
 * Runs the pipelines of all tasks in a store of their own.
 *
 * @throws {Error} at the first thing that is not as it should be
 */
export async function checkPipelines(): Promise<void> {
  const store = await Deno.makeTempDir({ prefix: "store-" });
  const start = (what: string, name: string, ...args: string[]) =>
    runPipeline(what, [`pipelines/${name}.yaml`, "--store", store, ...args]);
  try {
    const fresh = await start("fresh", "det_coco");
    expectRan(fresh, () => true);
    const stored = await start("again", "det_coco");
    expectRan(stored, () => false);
    await proveCache(store);
    const changed = await start("other columns", "det_coco", "--set", "compare.columns=[AP50]");
    expectRan(changed, (id) => id === "compare");
    checkOrder(fresh, "AP");

    const segmentation = await start("segmentation", "seg_voc");
    expectRan(segmentation, (id) => !/^(embedded|backbone|sr\/.*)$/.test(id));
    checkOrder(segmentation, "mIoU");
    const classification = await start("classification", "cls_cars");
    expectRan(classification, (id) => !/^(embedded|sr\/.*)$/.test(id));
    checkOrder(classification, "Top-1");
    const birds = await start("the same for birds", "cls_cub200");
    expectRan(birds, () => false);
  } finally {
    await Deno.remove(store, { recursive: true });
  }
}

async function runPipeline(what: string, args: string[]): Promise<Document> {
  const { code, stdout, seconds } = await run([Deno.execPath(), "task", "run", "--json", ...args]);
  console.log(`${what}: ${seconds.toFixed(2)} s`);
  if (code !== 0) throw new Error(`the pipeline ended with ${code}`);
  const document: Document = JSON.parse(stdout);
  return document;
}

/** Reads some of the store and runs a cheap stage again; another choice each time, and it says which. */
async function proveCache(store: string): Promise<void> {
  const args = ["task", "cache", "check", "--sample", "20%", "--store", store];
  const { code, seconds } = await run([Deno.execPath(), ...args], { show: true });
  console.log(`proof of the cache: ${seconds.toFixed(2)} s`);
  if (code !== 0) throw new Error(`cache check ended with ${code}`);
}

function expectRan({ stages }: Document, shouldRun: (id: string) => boolean): void {
  const wrong = stages.filter(({ id, status }) => status !== (shouldRun(id) ? "ran" : "hit"));
  if (stages.length > 0 && wrong.length === 0) return;
  const found = wrong.map(({ id, status }) => `${id}: ${status}`).join(", ");
  throw new Error(`not as expected of ${stages.length} stages: ${found}`);
}

/** H→T is above SR4IR, and that above every other setting; stages are `evaluate_hr`, `evaluate_sr/s2t/…`. */
function checkOrder({ metrics }: Document, metric: string): void {
  const found = Object.entries(metrics).flatMap(([id, values]): [string, number][] => {
    const value = values[metric];
    return typeof value === "number" ? [[settingOf(id), value]] : [];
  });
  console.log(found.map(([setting, value]) => `${setting} ${value.toFixed(1)}`).join(", "));
  const sorted = found.toSorted((a, b) => b[1] - a[1]).map(([setting]) => setting);
  if (sorted.length === 6 && sorted[0] === "hr" && sorted[1] === "sr4ir") return;
  throw new Error(`expected hr, then sr4ir, then the others; found ${sorted.join(", ")}`);
}

/** `hr`, `lr`, or the setting that a cell of `evaluate_sr` is for. */
function settingOf(id: string): string {
  const [stage, cell] = id.split("/");
  return stage === "evaluate_sr" ? cell : stage.replace("evaluate_", "");
}
