/**
 * Runs a stage that imports a dataset out of files made in memory.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { z } from "zod";
import type { Artifact, StageContract } from "../../runner/stage.ts";
import { temporaryFolder, writeFiles } from "../ml/data/temporary_folder.ts";
import { fakeContext } from "./fake_context.ts";

type Importing<I extends Record<string, Artifact>> = StageContract<
  z.ZodType,
  I,
  { train: Artifact; val: Artifact }
>;

/** What came of it; `data` stands for the folder of the files. */
export async function imported<I extends Record<string, Artifact>>(
  stage: Importing<I>,
  files: Record<string, string | Uint8Array>,
  given: (data: string) => {
    params?: Record<string, unknown>;
    inputs?: Parameters<Importing<I>["run"]>[0]["inputs"];
  } = (path) => ({ params: { path } }),
) {
  const dir = await temporaryFolder();
  const data = `${dir.path}/data`;
  await writeFiles(data, files);
  const { told, context } = await fakeContext(
    dir.path,
    (at) => ({ train: at("train"), val: at("val") }),
  );
  const { params = {}, inputs } = given(data);
  await stage.run({
    ...context,
    inputs: { ...context.inputs, ...inputs } as Parameters<Importing<I>["run"]>[0]["inputs"],
    params: stage.params.parse(params),
  });
  return {
    outputs: context.outputs,
    scratch: context.scratch,
    tables: told.tables,
    log: told.log.map((line) => line.replaceAll(`${data}/`, "")),
    progress: told.progress,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** The message of the person's mistake that a stage refuses to go on after. */
export async function refused<I extends Record<string, Artifact>>(
  ...args: Parameters<typeof imported<I>>
): Promise<string> {
  try {
    await using _ = await imported(...args);
  } catch (error) {
    assert.ok(error instanceof Error, String(error));
    assert.match(error.name, /^(Input|Stage)Error$/, String(error.stack));
    return error.message.replace(/\/\S*?\/data(?=[/: ;,]|$)/g, "DATA");
  }
  assert.fail("expected a refusal");
}
