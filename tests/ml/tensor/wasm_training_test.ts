import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { describeRuntime } from "../../../ml/tensor/runtime.ts";

const SCRIPT = fileURLToPath(new URL("../../helpers/light_training.ts", import.meta.url));

/** Three steps of SR4IR on two pictures, in a process of its own. */
async function train(backend: string): Promise<{ losses: number[]; tensors: number }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", SCRIPT, "2", "3"],
    env: { SR4IR_BACKEND: backend },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

const { backend } = await describeRuntime("auto");

Deno.test({
  name: backend === "tensorflow"
    ? "wasm trains both networks by SR4IR as TensorFlow does"
    : `wasm trains both networks by SR4IR as TensorFlow does (not compared: ${backend} is used here)`,
  ignore: backend !== "tensorflow",
  fn: async () => {
    const [wasm, tensorflow] = [await train("wasm"), await train("tensorflow")];
    assert.equal(wasm.tensors, tensorflow.tensors);
    wasm.losses.forEach((loss, i) => {
      const error = Math.abs(loss - tensorflow.losses[i]);
      assert.ok(error < 1e-4, `step ${i + 1}: wasm ${loss}, tensorflow ${tensorflow.losses[i]}`);
    });
    assert.equal(new Set(wasm.losses).size, 3); // something moves
  },
});
