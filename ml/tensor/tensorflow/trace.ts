/**
 * Records a step once and replays it as one TensorFlow function.
 *
 * The step's TypeScript runs once with a recorder in place of the executing binding: tfjs's own
 * dispatch and autodiff then write the whole step (forward, gradients, optimizer) into a graph. A
 * step that reads values back, or whose shapes depend on values, cannot be traced.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Binding } from "./binding.ts";
import { present } from "./context.ts";
import { Recorder } from "./record.ts";

/** A recorded step. */
export interface TracedStep {
  /** Runs it: `state` variables move, the results belong to the caller. */
  call(inputs: readonly tf.Tensor[]): tf.Tensor[];
  dispose(): void;
}

/** What the TensorFlow backend of tfjs has besides its public type. */
interface NodeBackend {
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(metadata: { id: number; shape: number[]; dtype: number }): tf.Tensor;
}

let functions = 0;

/**
 * Records `step`.
 *
 * @param example inputs whose shapes and types the recording is for
 * @param state variables the step reads or assigns; others it meets keep today's value for ever
 * @throws {Error} if the step cannot be traced
 */
export function traceStep(
  binding: Binding,
  step: (inputs: tf.Tensor[]) => tf.Tensor[],
  example: readonly tf.Tensor[],
  state: readonly tf.Variable[],
): TracedStep {
  const backend = tf.backend() as unknown as NodeBackend;
  const { c, context, status, check, text } = binding.tensorflow;
  const stateIds = backend.getInputTensorIds(state);
  const metadata = (id: number, like: tf.Tensor) => ({
    id,
    shape: like.shape,
    dtype: typeNumber(binding, like.dtype),
  });

  // Assigning to a variable drops its old tensor; these copies keep it for after the recording.
  const kept = state.map((variable) => tf.keep(tf.clone(variable)));
  const recorder = new Recorder(binding);
  binding.recorder = recorder;
  let outputs: Uint8Array<ArrayBuffer>[];
  let shapes: { shape: number[]; dtype: number }[];
  let changed: number[];
  let inputPlaces: Uint8Array<ArrayBuffer>[];
  try {
    const recorded = tf.tidy(() => {
      const inputs = example.map((tensor) => {
        const id = recorder.placeholder(tensor.shape, typeNumber(binding, tensor.dtype));
        return backend.createOutputTensor(metadata(id, tensor));
      });
      inputPlaces = backend.getInputTensorIds(inputs).map((id) => recorder.place(id));
      const results = step(inputs);
      const after = backend.getInputTensorIds(state);
      changed = state.map((_, i) => i).filter((i) => after[i] !== stateIds[i]);
      const ids = [...backend.getInputTensorIds(results), ...changed.map((i) => after[i])];
      return {
        places: ids.map((id) => recorder.place(id)),
        shapes: [...results, ...changed.map((i) => state[i])].map((tensor) => ({
          shape: tensor.shape,
          dtype: typeNumber(binding, tensor.dtype),
        })),
      };
    }) as unknown as { places: Uint8Array<ArrayBuffer>[]; shapes: typeof shapes };
    outputs = recorded.places;
    shapes = recorded.shapes;
  } finally {
    state.forEach((variable, i) => variable.assign(kept[i]));
    binding.recorder = undefined;
    for (const copy of kept) copy.dispose();
  }

  // Every captured tensor is an input: a state variable gives its value of the day, others are held.
  const captured = [...recorder.captured];
  const sources = captured.map(([id]) => {
    const variable = stateIds.indexOf(id);
    return variable >= 0 ? { variable } : { handle: binding.share(id) };
  });
  const resultCount = outputs.length - changed!.length;

  const name = `step_${functions++}`;
  const definition = present(
    c.TF_GraphToFunction(
      recorder.graph,
      new TextEncoder().encode(`${name}\0`),
      0,
      -1,
      null,
      inputPlaces!.length + captured.length,
      joined([...inputPlaces!, ...captured.map(([, place]) => place)]),
      outputs.length,
      joined(outputs),
      null,
      null,
      null,
      status,
    ),
    "TF_GraphToFunction",
  );
  check("make a function of the step");
  c.TFE_ContextAddFunction(context, definition, status);
  check("add the step's function");
  c.TF_DeleteFunction(definition);
  c.TF_DeleteGraph(recorder.graph);

  return {
    call(inputs) {
      const ids = backend.getInputTensorIds(state);
      const handles = backend.getInputTensorIds(inputs).map((id) => binding.handle(id));
      for (const source of sources) {
        handles.push(
          "handle" in source ? source.handle : binding.handle(ids[source.variable]),
        );
      }
      const made = binding.callFunction(name, handles, shapes);
      const results = made.map((m) => backend.createOutputTensor(m));
      changed.forEach((index, i) => {
        const value = results[resultCount + i];
        state[index].assign(value);
        value.dispose();
      });
      return results.slice(0, resultCount);
    },
    dispose() {
      for (const source of sources) if ("handle" in source) binding.release(source.handle);
      c.TFE_ContextRemoveFunction(context, text(name), status);
      check("remove the step's function");
    },
  };
}

function typeNumber(binding: Binding, dtype: tf.DataType): number {
  if (dtype === "float32") return binding.TF_FLOAT;
  if (dtype === "int32") return binding.TF_INT32;
  if (dtype === "bool") return binding.TF_BOOL;
  throw new TypeError(`Cannot trace a tensor of type ${dtype}: expected float32, int32 or bool`);
}

function joined(places: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(16 * places.length);
  places.forEach((place, i) => all.set(place, 16 * i));
  return all;
}
