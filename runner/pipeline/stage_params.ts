/**
 * A stage's parameters: checked by its contract, with defaults, and with what they choose by name:
 * modules (`moduleIn`) and paths (`externalPath`).
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { didYouMean, nearest } from "../nearest.ts";
import type { StageContract } from "../stage.ts";
import { modulesOf } from "./contracts.ts";
import { isMapping } from "./document.ts";
import { findings } from "./findings.ts";
import type { External } from "./instance.ts";
import type { At, Mistakes } from "./mistakes.ts";
import { digestModule } from "./module_digest.ts";
import { RealPaths } from "./real_paths.ts";
import { expandPath, metaIn, valueAt } from "./schema_walk.ts";
import { showPath, type Step } from "./source.ts";

/**
 * Remembers checked options between runs: checking them means loading the module that takes them,
 * and networks load the tensor library.
 */
export interface Memo {
  /** What was set, or undefined. */
  get(key: string): unknown;
  /** @param value JSON data */
  set(key: string, value: unknown): void;
}

/** What a stage's `with` becomes. */
export interface CheckedParams {
  params: Record<string, unknown>;
  modules: string[];
  externals: External[];
}

const NO_EXTERNALS: External[] = [];

/** Checks the parameters of stages of one project. */
export interface ParamsChecker {
  /**
   * @param name the stage's name in the pipeline
   * @param given its `with`, without references
   * @param where where `with` stands
   * @returns undefined if something is wrong; `mistakes` then say what
   */
  check(
    stage: { name: string; uses: string; contract: StageContract },
    given: unknown,
    where: At,
  ): Promise<CheckedParams | undefined>;
}

/**
 * Makes a checker that looks at each folder, path and module once.
 *
 * @param paramAt the param that the value at a place stands for, if it is a reference
 */
export function paramsChecker(
  root: string,
  mistakes: Mistakes,
  paramAt: (at: At) => string | undefined,
  memo?: Memo,
): ParamsChecker {
  const folders = new Map<string, string[]>();
  const realPaths = new RealPaths();
  const digests = new Map<string, string>();
  const lists = new Map<string, string[]>();
  const checkedOptions = new Map<string, unknown>();

  return {
    async check({ name, uses, contract }, given, where) {
      const stage = `stage "${name}"`;
      const before = mistakes.count;
      const result = contract.params.safeParse(given);
      if (!result.success) {
        report(contract.params, result.error, given, { stage, taker: uses, where, prefix: [] });
      }
      // Names of modules and paths are looked up even if other parameters are wrong.
      const data = result.success ? result.data : given;
      const params = isMapping(data) ? data : {};
      const modules = new Set<string>();
      const externals: External[] = [];
      for (const { path: pattern, meta, siblings } of metaIn(contract.params)) {
        for (const steps of expandPath(params, pattern)) {
          const value = valueAt(params, steps);
          if (typeof value !== "string") continue; // Optional, and not given.
          const at = below(where, steps);
          const subject = `parameter "${steps.join(".")}" of ${stage}`;
          if (meta.moduleIn !== undefined) {
            const module = chooseModule(meta.moduleIn, value, subject, at);
            if (module === undefined) continue;
            modules.add(module);
            const optionsKey = `${steps.at(-1)}_options`;
            if (!result.success || !siblings.includes(optionsKey)) continue;
            const prefix = [...steps.slice(0, -1), optionsKey];
            const options = valueAt(params, prefix) ?? {};
            const checked = await checkOptions(module, options, { stage, where, prefix });
            Reflect.set(Object(valueAt(params, steps.slice(0, -1))), optionsKey, checked);
          }
          if (meta.external) {
            const real = findPath(value, subject, at);
            if (real !== undefined) externals.push({ at: shared(steps.map(String)), path: real });
          }
        }
      }
      if (mistakes.count > before) return undefined;
      return {
        params,
        modules: shared([...modules].sort()),
        // A copy has no room for more, which a list that has grown has: 130 bytes.
        externals: externals.length === 0 ? NO_EXTERNALS : [...externals],
      };
    },
  };

  /** Of equal lists one: thousands of stages differ in little. They must not be changed. */
  function shared(texts: string[]): string[] {
    const text = [texts.length, ...texts].join("\0");
    const known = lists.get(text) ?? texts;
    lists.set(text, known);
    return known;
  }

  function chooseModule(folder: string, word: string, subject: string, at: At): string | undefined {
    const words = folders.get(folder) ?? modulesOf(join(root, folder));
    folders.set(folder, words);
    if (words.includes(word)) return `${folder}/${word}.ts`;
    mistakes.add(`${subject} names no module of ${folder}`, at, {
      hint: didYouMean(word, words) ?? `found "${word}"`,
      notes: [`${folder} has: ${words.join(", ") || "nothing"}`],
    });
    return undefined;
  }

  async function checkOptions(
    module: string,
    given: unknown,
    place: { stage: string; where: At; prefix: Step[] },
  ): Promise<unknown> {
    const file = join(root, module);
    const digest = digests.get(module) ?? digestModule(file);
    digests.set(module, digest);
    const key = JSON.stringify([module, digest, given]);
    if (checkedOptions.has(key)) return checkedOptions.get(key);
    const known = memo?.get(key);
    if (known !== undefined) return known;

    const taker = basename(module, ".ts");
    const schema = await optionsSchema(file, below(place.where, place.prefix));
    if (!schema) return undefined;
    const result = schema.safeParse(given);
    if (!result.success) {
      report(schema, result.error, given, { ...place, taker });
      return undefined;
    }
    checkedOptions.set(key, result.data);
    memo?.set(key, result.data);
    return result.data;
  }

  async function optionsSchema(file: string, at: At): Promise<z.ZodType | undefined> {
    try {
      const module: unknown = await import(pathToFileURL(file).href);
      const schema = isMapping(module) ? module.options : undefined;
      if (schema instanceof z.ZodType) return schema;
      return z.strictObject({});
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      mistakes.add(`cannot load ${showPath(file)}`, at, { notes: reason.split("\n") });
      return undefined;
    }
  }

  function findPath(value: string, subject: string, at: At): string | undefined {
    const path = resolve(root, value.replace(/^~(?=\/|$)/, () => Deno.env.get("HOME") ?? "~"));
    const real = realPaths.of(path);
    if (real !== undefined) return real;
    const siblings = namesIn(dirname(path));
    const near = nearest(basename(path), siblings ?? []);
    mistakes.add(`${subject} names a file or folder that is not there`, at, {
      hint: near
        ? `did you mean "${join(dirname(value), near)}"?`
        : (siblings ? "not found" : `there is no folder ${showPath(dirname(path))} either`),
      notes: [`looked for ${path}`],
    });
    return undefined;
  }

  /** Adds what a schema found wrong; `prefix` is where in the parameters its value stands. */
  function report(
    schema: z.ZodType,
    error: z.ZodError,
    given: unknown,
    { stage, taker, where, prefix }: { stage: string; taker: string; where: At; prefix: Step[] },
  ): void {
    for (const one of findings(error.issues, schema, given)) {
      const steps = [...prefix, ...one.path];
      const name = steps.join(".");
      const parent = one.path.slice(0, -1);
      switch (one.kind) {
        case "unknown": {
          const owner = parent.length === 0 ? taker : `"${[...prefix, ...parent].join(".")}"`;
          const notes = [`${owner} takes: ${one.takes.join(", ") || "nothing"}`];
          const at: At = { ...below(where, steps), on: "key" };
          mistakes.add(`${stage} has an unknown parameter "${name}"`, at, {
            hint: one.hint,
            notes,
          });
          break;
        }
        case "missing":
          mistakes.add(
            `${stage} needs the parameter "${name}"`,
            { ...below(where, [...prefix, ...parent]), on: "key" },
            { hint: `expected ${one.expected}` },
          );
          break;
        case "wrong": {
          const subject = name === ""
            ? `the parameters of ${stage}`
            : `parameter "${name}" of ${stage}`;
          const at = below(where, steps);
          const param = valueAt(given, one.path) === null ? paramAt(at) : undefined;
          const notes = [param === undefined ? undefined : `give it with --set ${param}=VALUE`];
          mistakes.add(`${subject} must ${one.must}`, at, { hint: one.hint, notes });
        }
      }
    }
  }
}

function below(where: At, steps: Step[]): At {
  return { ...where, path: [...where.path, ...steps] };
}

function namesIn(folder: string): string[] | undefined {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return undefined; // The message says that the folder is missing.
  }
}
