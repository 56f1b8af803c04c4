/**
 * The main pipeline from outside: what runs the first time, the second, and after a change; and
 * whether its table shows what it should.
 *
 * @module
 */
import { run } from "./command.ts";

const PIPELINE = "pipelines/det_coco.yaml";

/** The part of the `--json` document that is looked at. */
interface Document {
  status: string;
  stages: { id: string; status: string; seconds: number }[];
  metrics: Record<string, Record<string, number | null>>;
}

/**
 * Runs the pipeline in a store of its own.
 *
 * @throws {Error} at the first thing that is not as it should be
 */
export async function checkPipeline(): Promise<void> {
  const store = await Deno.makeTempDir({ prefix: "store-" });
  try {
    const fresh = await runPipeline("fresh", store);
    expectRan(fresh, () => true);
    const stored = await runPipeline("again", store);
    expectRan(stored, () => false);
    const changed = await runPipeline("other columns", store, "--set", "compare.columns=[AP50]");
    expectRan(changed, (id) => id === "compare");
    checkOrder(fresh);
  } finally {
    await Deno.remove(store, { recursive: true });
  }
}

async function runPipeline(what: string, store: string, ...args: string[]): Promise<Document> {
  const { code, stdout, seconds } = await run(
    [Deno.execPath(), "task", "run", PIPELINE, "--json", "--store", store, ...args],
  );
  console.log(`${what}: ${seconds.toFixed(2)} s`);
  if (code !== 0) throw new Error(`the pipeline ended with ${code}`);
  const document: Document = JSON.parse(stdout);
  return document;
}

function expectRan({ stages }: Document, shouldRun: (id: string) => boolean): void {
  const wrong = stages.filter(({ id, status }) => status !== (shouldRun(id) ? "ran" : "hit"));
  if (stages.length > 0 && wrong.length === 0) return;
  const found = wrong.map(({ id, status }) => `${id}: ${status}`).join(", ");
  throw new Error(`not as expected of ${stages.length} stages: ${found}`);
}

/** AP(H→T) > AP(SR4IR) > AP of every other setting; stages are `evaluate_hr`, `evaluate_sr/s2t/…`. */
function checkOrder({ metrics }: Document): void {
  const found = Object.entries(metrics).flatMap(([id, { AP }]): [string, number][] =>
    typeof AP === "number" ? [[settingOf(id), AP]] : []
  );
  console.log(found.map(([setting, AP]) => `${setting} ${AP.toFixed(1)}`).join(", "));
  const sorted = found.toSorted((a, b) => b[1] - a[1]).map(([setting]) => setting);
  if (sorted.length === 6 && sorted[0] === "hr" && sorted[1] === "sr4ir") return;
  throw new Error(`expected hr, then sr4ir, then the others; found ${sorted.join(", ")}`);
}

/** `hr`, `lr`, or the setting that a cell of `evaluate_sr` is for. */
function settingOf(id: string): string {
  const [stage, cell] = id.split("/");
  return stage === "evaluate_sr" ? cell : stage.replace("evaluate_", "");
}
