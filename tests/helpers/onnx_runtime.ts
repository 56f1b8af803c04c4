/**
 * ONNX Runtime in a process of its own, where its package can be had.
 *
 * @module
 */
import { join } from "node:path";
import { testFolder } from "./folder.ts";

/** A tensor of float32, row-major. */
export interface Numbers {
  dims: readonly number[];
  data: Float32Array;
}

/** Why it cannot be used; undefined if it can. */
export async function onnxRuntimeProblem(): Promise<string | undefined> {
  const { success, stderr } = await child([]);
  if (success) return undefined;
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  return lines.find((line) => /error/i.test(line)) ?? lines[0];
}

/** Runs a model with one input, `input`, once for each of the tensors. @returns outputs by name */
export async function runOnnx(
  model: Uint8Array,
  inputs: readonly Numbers[],
): Promise<Record<string, Numbers>[]> {
  const bytes = inputs.map(({ data }, i): [string, Uint8Array] => [
    `input_${i}.bin`,
    new Uint8Array(data.slice().buffer),
  ]);
  using folder = testFolder({
    "model.onnx": model,
    "inputs.json": JSON.stringify(inputs.map(({ dims }) => dims)),
    ...Object.fromEntries(bytes),
  });
  const { success, stderr } = await child([folder.path]);
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const outputs: { name: string; dims: number[] }[][] = JSON.parse(
    Deno.readTextFileSync(`${folder.path}/outputs.json`),
  );
  return outputs.map((answers, i) =>
    Object.fromEntries(answers.map(({ name, dims }, j) => {
      const { buffer } = Deno.readFileSync(`${folder.path}/output_${i}_${j}.bin`);
      return [name, { dims, data: new Float32Array(buffer) }];
    }))
  );
}

async function child(args: string[]): Promise<Deno.CommandOutput> {
  const script = join(import.meta.dirname!, "onnx_runtime_child.ts");
  const flags = ["-A", "--quiet", "--no-config", "--no-lock", "--node-modules-dir=none"];
  return await new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, script, ...args],
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
}
