/**
 * From what tfjs has computed to ONNX's operators.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import type { NamedTensor } from "../../nn/params.ts";
import { Builder, INPUT, type Value } from "./builder.ts";
import type { Graph } from "./graph.ts";
import { KERNELS, type Operand } from "./kernels.ts";
import type { Call, Recording, Ref } from "./record.ts";

/**
 * Translates a recording.
 *
 * @param weights all parameters of the network, as files hold them
 * @throws {InputError} if the network uses a kernel that is not translated
 */
export function lower(recording: Recording, weights: readonly NamedTensor[]): Graph {
  const builder = new Builder(weights);
  const input = builder.map(INPUT, recording.input);
  const uses = countUses(recording);
  const results: Value[][] = [];
  const operand = (ref: Ref): Operand => {
    if (ref.kind === "input") return { value: input };
    if (ref.kind === "result") return { value: results[ref.call][ref.index] };
    return { fixed: ref };
  };
  recording.calls.forEach((call, i) => {
    const translate = KERNELS[call.kernel];
    if (translate === undefined) {
      throw new InputError(
        `Cannot write this network as ONNX: it uses ${call.kernel} of tfjs, which is not among the ` +
          `kernels that ml/weights/onnx/kernels.ts translates: ${
            Object.keys(KERNELS).sort().join(", ")
          }`,
      );
    }
    const sole = call.results.map((_, index) => (uses.get(`${i}.${index}`) ?? 0) <= 1);
    results.push(translate({ builder, call, operands: call.inputs.map(operand), sole }));
  });
  const outputs = Object.entries(recording.outputs).map(([name, ref]) => {
    const { value } = operand(ref);
    if (value === undefined) {
      throw new TypeError(`Cannot export: "${name}" does not depend on the input`);
    }
    return [name, value] as const;
  });
  return builder.graph(input, Object.fromEntries(outputs));
}

function countUses({ calls, outputs }: Recording): Map<string, number> {
  const uses = new Map<string, number>();
  const read = (refs: readonly Ref[]) => {
    for (const ref of refs) {
      if (ref.kind !== "result") continue;
      const key = `${ref.call}.${ref.index}`;
      uses.set(key, (uses.get(key) ?? 0) + 1);
    }
  };
  calls.forEach(({ inputs }: Call) => read(inputs));
  read(Object.values(outputs));
  return uses;
}
