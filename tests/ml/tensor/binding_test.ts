import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { currentBinding } from "../../../ml/tensor/tensorflow/start.ts";
import type { Binding } from "../../../ml/tensor/tensorflow/binding.ts";
import { testBackend } from "../../helpers/backend.ts";

const backend = await testBackend();

/** A test of the tensorflow backend; another one has no binding to test. */
function bindingTest(name: string, body: (binding: Binding) => void | Promise<void>): void {
  Deno.test({
    name: backend === "tensorflow" ? name : `${name} (not tried: ${backend} is the backend here)`,
    ignore: backend !== "tensorflow",
    fn: () => {
      const binding = currentBinding();
      if (binding === undefined) throw new Error("Expected a binding, found none");
      return body(binding);
    },
  });
}

bindingTest("TensorFlow's error names the operation and the shapes", () => {
  const kernel = () =>
    tf.engine().runKernel("BatchMatMul", { a: tf.ones([2, 3]), b: tf.ones([4, 5]) }, {
      transposeA: false,
      transposeB: false,
    });
  assert.throws(kernel, {
    message: /^Cannot run BatchMatMulV2: .*2,3.*4,5/s,
  });
});

bindingTest("an operation that does not exist is an error, and the next one works", (binding) => {
  assert.throws(() => binding.executeOp("NoSuchOperation", [], [], 1), {
    message: /^Cannot find the operation NoSuchOperation: .*NoSuchOperation/s,
  });
  assert.deepEqual([...tf.add(tf.scalar(1), tf.scalar(2)).dataSync()], [3]);
});

bindingTest("wrong attributes and too few inputs are errors", (binding) => {
  assert.throws(() => binding.executeOp("Add", [], [], 1), { message: /^Cannot run Add: / });
  const attribute = { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_STRING };
  const id = binding.createTensor([], binding.TF_FLOAT, Float32Array.of(1));
  assert.throws(() => binding.executeOp("Sqrt", [attribute], [id], 1), {
    message: /^Cannot run Sqrt: .*string/s,
  });
  binding.deleteTensor(id);
});

bindingTest("a tensor that was disposed cannot be used", (binding) => {
  const id = binding.createTensor([2], binding.TF_FLOAT, Float32Array.of(1, 2));
  binding.deleteTensor(id);
  const message = `Cannot use tensor ${id}: it was disposed`;
  assert.throws(() => binding.tensorDataSync(id), { message });
  assert.throws(() => binding.executeOp("Sqrt", [], [id], 1), { message });
});

bindingTest("a tensor with too few values is an error", (binding) => {
  assert.throws(() => binding.createTensor([3], binding.TF_FLOAT, Float32Array.of(1)), {
    name: "RangeError",
    message: "Cannot make a tensor [3] of TensorFlow's type 1: expected 12 bytes, found 4",
  });
});

bindingTest("values of every type come back as they went", (binding) => {
  const round = (
    shape: number[],
    dtype: number,
    values: Float32Array | Int32Array | Uint8Array,
  ) => {
    const id = binding.createTensor(shape, dtype, values);
    const back = binding.tensorDataSync(id);
    binding.deleteTensor(id);
    return back;
  };
  const floats = Float32Array.of(0, -0, 1.5, -1e-40, 3e38, Infinity, -Infinity, NaN);
  assert.deepEqual(round([2, 4], binding.TF_FLOAT, floats), floats);
  const ints = Int32Array.of(0, -1, 2147483647, -2147483648);
  assert.deepEqual(round([4, 1], binding.TF_INT32, ints), ints);
  const bits = Uint8Array.of(1, 0, 1);
  assert.deepEqual(round([3], binding.TF_BOOL, bits), bits);
  assert.deepEqual(round([], binding.TF_FLOAT, Float32Array.of(7)), Float32Array.of(7));
  assert.deepEqual(round([0], binding.TF_FLOAT, new Float32Array(0)), new Float32Array(0));
  assert.deepEqual(round([2, 0, 3], binding.TF_INT32, new Int32Array(0)), new Int32Array(0));
});

bindingTest("tfjs's tensors of every type and shape come back as they went", async () => {
  assert.deepEqual(await tf.tensor([[1, 2], [3, 4]]).array(), [[1, 2], [3, 4]]);
  assert.deepEqual(await tf.tensor([1, -2], [2], "int32").array(), [1, -2]);
  assert.deepEqual(await tf.logicalNot(tf.tensor([true, false])).array(), [0, 1]);
  assert.deepEqual(await tf.cast(tf.tensor([1.9, -1.9]), "int32").array(), [1, -1]);
  assert.deepEqual(await tf.square(tf.scalar(3)).array(), 9);
  assert.deepEqual(await tf.concat([tf.zeros([0, 2]), tf.ones([1, 2])]).array(), [[1, 1]]);
  assert.deepEqual(await tf.slice(tf.ones([2, 2]), [0, 0], [0, 2]).array(), []);
  assert.equal(tf.sum(tf.zeros([0, 4])).dataSync()[0], 0);
});

bindingTest("results that TensorFlow counts in 64 bits arrive as numbers", async () => {
  assert.deepEqual(await tf.argMax(tf.tensor2d([[1, 5, 2], [9, 3, 4]]), 1).array(), [1, 0]);
  assert.deepEqual(await tf.whereAsync(tf.tensor1d([0, 1, 1], "bool")).then((x) => x.array()), [
    [1],
    [2],
  ]);
});

bindingTest("a thousand operations leave no tensors, failed ones included", (binding) => {
  const x = tf.ones([8, 8]);
  tf.tidy(() => tf.matMul(x, x));
  const before = [tf.memory().numTensors, binding.getNumOfTensors()];
  for (let i = 0; i < 250; i++) {
    tf.tidy(() => tf.sum(tf.relu(tf.matMul(x, x))).dataSync());
    assert.throws(() =>
      tf.tidy(() => tf.engine().runKernel("BatchMatMul", { a: x, b: tf.ones([3, 3]) }))
    );
  }
  assert.deepEqual([tf.memory().numTensors, binding.getNumOfTensors()], before);
});

bindingTest(
  "a process that has loaded the library ends well, with and without an error",
  async () => {
    const start = new URL("../../helpers/backend.ts", import.meta.url);
    const run = async (code: string) => {
      const program =
        `const { testBackend } = await import("${start}"); await testBackend(); ${code}`;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["eval", "--no-check", program],
        cwd: new URL("../../../", import.meta.url),
        stdout: "null",
        stderr: "null",
      });
      const { code: status, signal } = await child.output();
      return { status, signal };
    };
    assert.deepEqual(await run(""), { status: 0, signal: null });
    assert.deepEqual(await run("throw new Error('x');"), { status: 1, signal: null });
  },
);
