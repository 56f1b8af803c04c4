import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { checkpoint, type NamedTensor, Params } from "../../../ml/nn/params.ts";
import { stream } from "../../../ml/tensor/random.ts";
import { build } from "../../../models/perceptual/lpips.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

/** Numbers in [0, 1) that depend on the name only. */
function numbers(name: string, count: number): Float32Array {
  const random = stream(1, name);
  return Float32Array.from({ length: count }, random.uniform);
}

for (
  const [trunk, parameters, linear] of [
    ["vgg", 14_714_688, 1_472],
    ["alex", 2_469_696, 1_152],
  ] as const
) {
  testWithBackend(`LPIPS over ${trunk} has torchvision's and the authors' parameters`, () => {
    const p = Params.create(1);
    build(p, { trunk });
    const size = (prefix: string) =>
      p.all().filter(({ name }) => name.startsWith(prefix))
        .reduce((sum, { variable }) => sum + variable.size, 0);
    assert.equal(size("features."), parameters);
    assert.equal(size("lin"), linear);
    assert.equal(size(""), parameters + linear);
    p.dispose();
  });
}

/** A channels-first map. */
interface Maps {
  C: number;
  H: number;
  W: number;
  data: Float64Array;
}

/** `torch.nn.Conv2d` and ReLU, as slow and plain as can be. */
function convolve(x: Maps, weight: NamedTensor, bias: NamedTensor, stride: number, pad: number) {
  const [C, , k] = weight.shape;
  const [H, W] = [x.H, x.W].map((n) => Math.floor((n + 2 * pad - k) / stride) + 1);
  const data = new Float64Array(C * H * W);
  for (let c = 0; c < C; c++) {
    for (let y = 0; y < H; y++) {
      for (let z = 0; z < W; z++) {
        let sum = bias.data[c];
        for (let i = 0; i < x.C; i++) {
          for (let v = 0; v < k; v++) {
            for (let u = 0; u < k; u++) {
              const [row, column] = [y * stride + v - pad, z * stride + u - pad];
              if (row < 0 || column < 0 || row >= x.H || column >= x.W) continue;
              sum += weight.data[((c * x.C + i) * k + v) * k + u] *
                x.data[(i * x.H + row) * x.W + column];
            }
          }
        }
        data[(c * H + y) * W + z] = Math.max(0, sum);
      }
    }
  }
  return { C, H, W, data };
}

/** `torch.nn.MaxPool2d(3, 2)`. */
function pool({ C, H, W, data }: Maps): Maps {
  const [h, w] = [H, W].map((n) => Math.floor((n - 3) / 2) + 1);
  const result = new Float64Array(C * h * w);
  for (let i = 0; i < result.length; i++) {
    const [c, y, x] = [Math.floor(i / h / w), Math.floor(i / w) % h, i % w];
    const field = Array.from(
      { length: 9 },
      (_, j) => data[(c * H + 2 * y + Math.floor(j / 3)) * W + 2 * x + j % 3],
    );
    result[i] = Math.max(...field);
  }
  return { C, H: h, W: w, data: result };
}

testWithBackend("LPIPS over alex is what plain loops over torchvision's layers give", async () => {
  const p = Params.create(1);
  const net = build(p, { trunk: "alex" });
  const tensors = new Map((await p.snapshot()).map((tensor) => [tensor.name, tensor]));
  const tensor = (name: string) => {
    const found = tensors.get(name);
    assert.ok(found !== undefined, name);
    return found;
  };
  const [H, W] = [39, 35];
  const pictures = ["a", "b"].map((name) => numbers(name, H * W * 3));
  const mapsOf = (values: Float32Array) => {
    let map: Maps = { C: 3, H, W, data: new Float64Array(3 * H * W) };
    const [shift, scale] = [[-0.030, -0.088, -0.188], [0.458, 0.448, 0.450]];
    values.forEach((value, i) =>
      map.data[i % 3 * H * W + Math.floor(i / 3)] = (2 * value - 1 - shift[i % 3]) / scale[i % 3]
    );
    const layers = [[0, 4, 2, 0], [3, 1, 2, 1], [6, 1, 1, 1], [8, 1, 1, 0], [10, 1, 1, 0]];
    return layers.map(([index, stride, pad, pooled]) => {
      const [weight, bias] = ["weight", "bias"].map((part) => tensor(`features.${index}.${part}`));
      return map = convolve(pooled ? pool(map) : map, weight, bias, stride, pad);
    });
  };
  const [ours, theirs] = pictures.map(mapsOf);
  let wanted = 0;
  ours.forEach((a, layer) => {
    const b = theirs[layer];
    const cells = a.H * a.W;
    const { data: weights } = tensor(`lin${layer}.model.1.weight`);
    for (let cell = 0; cell < cells; cell++) {
      const at = (map: Maps) => Array.from({ length: map.C }, (_, c) => map.data[c * cells + cell]);
      const [x, y] = [at(a), at(b)].map((v) => {
        const length = Math.hypot(...v) + 1e-10;
        return v.map((value) => value / length);
      });
      x.forEach((value, c) => wanted += weights[c] * (value - y[c]) ** 2 / cells);
    }
  });
  const [a, b] = pictures.map((values) => tf.tensor4d(values, [1, H, W, 3]));
  const [got] = await net(a, b).data();
  assert.ok(Math.abs(got - wanted) < 1e-5 * Math.abs(wanted) + 1e-7, `${got}, wanted ${wanted}`);
  assert.deepEqual([...await net(a, a).data()], [0]);
  p.dispose();
});

testWithBackend("LPIPS names pictures that are too small", () => {
  const p = Params.create(1, checkpoint([]));
  const net = build(p, { trunk: "alex" });
  const small = tf.zeros([1, 31, 40, 3]) as tf.Tensor4D;
  assert.throws(() => net(small, small), {
    name: "RangeError",
    message: "Cannot compare pictures of 40x31: expected 32 pixels each way or more",
  });
  p.dispose();
});
