/**
 * Which GPUs stages get, and what they are told.
 *
 * @module
 */
import assert from "node:assert/strict";
import { UserError } from "../../../runner/diagnostic.ts";
import { gpuEnvironment, usableGpus } from "../../../runner/execute/gpus.ts";

const TWO = { visible: undefined, listed: 2 };
const OUTER = { visible: "3,GPU-5", listed: 8 };
const NONE_KNOWN = { visible: undefined, listed: 0 };

Deno.test("without --gpus all are used that the person's own limit leaves", () => {
  assert.deepEqual(usableGpus(undefined, TWO), ["0", "1"]);
  assert.deepEqual(usableGpus(undefined, OUTER), ["3", "GPU-5"]);
  assert.deepEqual(usableGpus(undefined, { ...OUTER, visible: "1,-1,2" }), ["1"]);
  assert.deepEqual(usableGpus(undefined, { ...OUTER, visible: "" }), []);
});

Deno.test("where nobody knows which GPUs there are, stages take turns", () => {
  assert.deepEqual(usableGpus(undefined, NONE_KNOWN), [null]);
  assert.deepEqual(usableGpus("2", NONE_KNOWN), ["0", "1"]);
});

Deno.test("--gpus says how many, or which", () => {
  assert.deepEqual(usableGpus("1", TWO), ["0"]);
  assert.deepEqual(usableGpus("0", TWO), []);
  assert.deepEqual(usableGpus("1,", TWO), ["1"]);
  assert.deepEqual(usableGpus("1,0", TWO), ["1", "0"]);
  assert.deepEqual(usableGpus("1", OUTER), ["3"]);
});

Deno.test("--gpus cannot reach beyond what is there, nor beyond the person's own limit", () => {
  const refused = (wanted: string, here: typeof TWO | typeof OUTER) => {
    try {
      usableGpus(wanted, here);
    } catch (error) {
      if (error instanceof UserError) {
        return error.diagnostics.map(({ message, notes = [] }) => [message, ...notes].join("; "));
      }
      throw error;
    }
  };
  assert.deepEqual(refused("4", TWO), ["--gpus 4: there are 2; GPUs: 0, 1"]);
  assert.deepEqual(refused("0,3", OUTER), [
    "--gpus 0,3: 0 is not there; GPUs: 3, GPU-5, as CUDA_VISIBLE_DEVICES says",
  ]);
  assert.deepEqual(refused("0,0", TWO), [
    "cannot read --gpus 0,0; expected how many, such as --gpus 2, or which, such as --gpus 0,3",
  ]);
});

Deno.test("a stage is told its GPUs; one that asked for none sees what the person sees", () => {
  const here: Record<string, string> = { CUDA_VISIBLE_DEVICES: "3,4" };
  const get = (name: string) => here[name];
  assert.deepEqual(gpuEnvironment(["4"], true, get), { CUDA_VISIBLE_DEVICES: "4" });
  assert.deepEqual(gpuEnvironment([], true, get), { CUDA_VISIBLE_DEVICES: "" });
  assert.deepEqual(gpuEnvironment([], false, get), { CUDA_VISIBLE_DEVICES: "3,4" });
  assert.deepEqual(gpuEnvironment([null], true, () => undefined), {});
});
