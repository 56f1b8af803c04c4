/**
 * Records what a network computes: the kernels that tfjs runs while it looks at a sample.
 *
 * The network's own TypeScript runs once, on the backend that is there, while each kernel is noted on
 * its way. So a network needs no second description to be exported. What does not depend on the
 * sample is computed, not noted, and comes out as a constant.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Parameter } from "../../nn/params.ts";

/** What a kernel reads, or a network answers. */
export type Ref =
  /** The sample. */
  | { kind: "input"; shape: number[] }
  /** A result of the call with this number. */
  | { kind: "result"; call: number; index: number; shape: number[] }
  /** A parameter as it lies in memory, in this shape. */
  | { kind: "parameter"; parameter: Parameter; shape: number[] }
  /** Computed from nothing but parameters and numbers. */
  | { kind: "constant"; constant: Constant; shape: number[] };

/** Numbers that do not depend on the sample. */
export interface Constant {
  /** Names of the parameters that it comes from. */
  from: string[];
  data: Float32Array | Int32Array | Uint8Array;
}

/** One kernel. */
export interface Call {
  kernel: string;
  inputs: Ref[];
  attributes: Record<string, unknown>;
  /** Shapes of its results. */
  results: number[][];
}

/** All of them. */
export interface Recording {
  input: number[];
  calls: Call[];
  outputs: Record<string, Ref>;
}

/**
 * Runs a network on a sample and records it.
 *
 * @param network must be a pure function of the sample that reads nothing back
 * @param sample [B, H, W, C]; its numbers do not count, its shape does
 */
export async function record(
  network: (x: tf.Tensor4D) => Record<string, tf.Tensor>,
  sample: tf.Tensor4D,
  parameters: readonly Parameter[],
): Promise<Recording> {
  const tape = new Tape(parameters);
  const outputs: Record<string, Ref> = {};
  tf.tidy(() => {
    tape.know(sample, { kind: "input", shape: sample.shape });
    const answers = tape.listen(() => network(sample));
    for (const [name, tensor] of Object.entries(answers)) outputs[name] = tape.refOf(tensor);
  });
  await tape.readConstants();
  return { input: sample.shape, calls: tape.calls, outputs };
}

/** The engine's way to run a kernel, which tfjs's operations all go. */
type RunKernel = ReturnType<typeof tf.engine>["runKernel"];

class Tape {
  readonly calls: Call[] = [];
  /** By the tensor's id: what is known of it. */
  private readonly refs = new Map<number, Ref>();
  /** What tensors that no ref is for come from: names of parameters, or nothing. */
  private readonly sources = new Map<number, string[]>();
  private readonly waiting: { constant: Constant; tensor: tf.Tensor }[] = [];

  constructor(parameters: readonly Parameter[]) {
    for (const parameter of parameters) {
      const { variable } = parameter;
      this.know(variable, { kind: "parameter", parameter, shape: variable.shape });
    }
  }

  know(tensor: tf.Tensor, ref: Ref): void {
    this.refs.set(tensor.id, ref);
  }

  /** Notes kernels while `work` runs; those that a kernel itself runs belong to it. */
  listen<T>(work: () => T): T {
    const engine = tf.engine();
    const original = engine.runKernel;
    let inside = false;
    const listening: RunKernel = (kernel, inputs, attributes) => {
      if (inside) return original.call(engine, kernel, inputs, attributes) as never;
      inside = true;
      try {
        const result = original.call(engine, kernel, inputs, attributes) as tf.Tensor | tf.Tensor[];
        this.note(kernel, tensorsOf(inputs), { ...attributes }, [result].flat());
        return result as never;
      } finally {
        inside = false;
      }
    };
    engine.runKernel = listening;
    try {
      return work();
    } finally {
      engine.runKernel = original;
    }
  }

  /** What a tensor is to the recording; of a constant the numbers come later. */
  refOf(tensor: tf.Tensor): Ref {
    const known = this.refs.get(tensor.id);
    if (known !== undefined) return known;
    const constant = { from: this.sources.get(tensor.id) ?? [], data: new Float32Array(0) };
    this.waiting.push({ constant, tensor: tf.keep(tf.clone(tensor)) });
    const ref: Ref = { kind: "constant", constant, shape: tensor.shape };
    this.know(tensor, ref);
    return ref;
  }

  async readConstants(): Promise<void> {
    for (const { constant, tensor } of this.waiting) {
      constant.data = await tensor.data();
      tensor.dispose();
    }
  }

  private note(
    kernel: string,
    inputs: tf.Tensor[],
    attributes: Record<string, unknown>,
    results: tf.Tensor[],
  ): void {
    const refs = inputs.map(({ id }) => this.refs.get(id));
    if (refs.some((ref) => ref?.kind === "input" || ref?.kind === "result")) {
      const call = this.calls.length;
      this.calls.push({
        kernel,
        inputs: inputs.map((tensor) => this.refOf(tensor)),
        attributes,
        results: results.map(({ shape }) => shape),
      });
      results.forEach(({ id, shape }, index) =>
        this.refs.set(id, { kind: "result", call, index, shape })
      );
      return;
    }
    const [ref] = refs;
    if (kernel === tf.Reshape && ref?.kind === "parameter") {
      this.know(results[0], { ...ref, shape: results[0].shape });
      return;
    }
    const from = inputs.flatMap(({ id }, i) => namesOf(refs[i]) ?? this.sources.get(id) ?? []);
    for (const { id } of results) this.sources.set(id, from);
  }
}

function namesOf(ref: Ref | undefined): string[] | undefined {
  if (ref?.kind === "parameter") return [ref.parameter.name];
  return ref?.kind === "constant" ? ref.constant.from : undefined;
}

/** A kernel's inputs in order: by name, or a list; absent ones are left out. */
function tensorsOf(inputs: object): tf.Tensor[] {
  return Object.values(inputs).filter((one): one is tf.Tensor => one instanceof tf.Tensor);
}
