/**
 * Optimizers over some steps, and learning rates over some iterations.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import { adamW, type Optimizer, sgd } from "../../ml/train/optimizers.ts";
import {
  cosine,
  linear,
  multiStep,
  restartingCosine,
  type Schedule,
  warmUpThen,
} from "../../ml/train/schedules.ts";
import {
  at,
  checkPlain,
  checkScalar,
  entries,
  type Fixture,
  plainTensor,
  tensorSpec,
} from "./harness.ts";

/** Compares `optim/steps*` and `optim/schedules*`. */
export default async function optimisation(fixture: Fixture): Promise<void> {
  if (fixture.path.startsWith("optim/schedules")) return schedules(fixture);
  for (const [name, steps] of entries(fixture.expected)) await optimiser(fixture, name, steps);
}

/** Least squares from the same start under each setting. */
async function optimiser({ inputs }: Fixture, name: string, expected: unknown): Promise<void> {
  const w = tf.variable(plainTensor(at(inputs, "w"))); // [out, in]
  const b = tf.variable(plainTensor(at(inputs, "b"))); // [out]
  const groups = optimisers(inputs, name, w, b);
  const wanted = z.array(z.unknown()).parse(expected);
  assert.equal(wanted.length, at(inputs, "steps"), `${name}: steps`);
  for (const [i, stored] of wanted.entries()) {
    const [x, y] = ["x", "y"].map((key) => ofStep(at(inputs, key), i));
    const { value, grads } = tf.variableGrads(
      () => tf.mean(tf.square(tf.sub(tf.add(tf.matMul(x, w, false, true), b), y))),
      [w, b],
    );
    checkScalar((await value.data())[0], at(stored, "loss"), `${name}, step ${i + 1}: loss`);
    await checkPlain(grads[w.name], at(stored, "grad_w"), `${name}, step ${i + 1}: gradient`);
    for (const { optimizer, variables, rate } of groups) {
      const numbers = tf.tensor1d(optimizer.numbers(i + 1, [rate]));
      optimizer.apply(variables.map((variable) => grads[variable.name]), numbers);
    }
    await checkPlain(w, at(stored, "w"), `${name}, step ${i + 1}: w`);
    await checkPlain(b, at(stored, "b"), `${name}, step ${i + 1}: b`);
  }
}

/** Steps are named 0, 1, … */
function ofStep(spec: unknown, step: number): tf.Tensor {
  const parsed = tensorSpec.parse(spec);
  return plainTensor({ ...parsed, name: parsed.name.replace("<step>", String(step)) });
}

interface Group {
  optimizer: Optimizer;
  variables: tf.Variable[];
  rate: number;
}

/** Settings are sentences: "lr 0.03, momentum 0.9"; "the same" goes back to the one without suffix. */
function optimisers(inputs: unknown, name: string, w: tf.Variable, b: tf.Variable): Group[] {
  const own = z.string().parse(at(inputs, "settings", name));
  const base = own.startsWith("the same")
    ? z.string().parse(at(inputs, "settings", name.split("_")[0]))
    : "";
  const number = (key: string, text = own): number | undefined => {
    const match = new RegExp(`${key} ([\\d.e-]+)`).exec(text);
    return match === null ? undefined : Number(match[1]);
  };
  const option = (key: string) => number(key) ?? number(key, base) ?? 0;
  const make = (variables: tf.Variable[], rate: number): Group => {
    if (name.startsWith("sgd")) {
      const options = { momentum: option("momentum"), weightDecay: option("weight_decay") };
      return { optimizer: sgd(variables, options), variables, rate };
    }
    const betas = /betas ([\d.]+)\/([\d.]+)/.exec(own) ?? /betas ([\d.]+)\/([\d.]+)/.exec(base);
    assert.ok(name.startsWith("adam") && betas, `Unknown setting "${name}": ${own}`);
    const optimizer = adamW(variables, {
      betas: [Number(betas[1]), Number(betas[2])],
      epsilon: option("eps"),
      weightDecay: option("weight_decay"),
    });
    return { optimizer, variables, rate };
  };
  const [rateOfW, rateOfB] = [number("w: lr"), number("b: lr")];
  if (rateOfW !== undefined && rateOfB !== undefined) {
    return [make([w], rateOfW), make([b], rateOfB)];
  }
  return [make([w, b], option("lr"))];
}

const numbers = z.array(z.number());
const rates = z.looseObject({
  lr: z.union([z.number(), numbers]),
  eta_min: z.number().optional(),
  T_max: z.number().optional(),
  periods: numbers.optional(),
  restart_weights: numbers.optional(),
  milestones: numbers.optional(),
  gamma: z.number().optional(),
  restarts: numbers.optional(),
  step_size: z.number().optional(),
  start_factor: z.number().optional(),
  total_iters: z.number().optional(),
  iterations_per_epoch: z.number().optional(),
  steps: z.number().optional(),
});
type Rates = z.infer<typeof rates>;

/** What a case is follows from the options that it has. */
function schedules({ inputs, expected }: Fixture): void {
  for (const [name, wanted] of entries(expected)) {
    const options = rates.parse(at(inputs, name));
    const bases = [options.lr].flat();
    const each = bases.map((base) => schedule(options, base));
    z.array(z.unknown()).parse(wanted).forEach((stored, i) => {
      [stored].flat().forEach((value, group) => {
        const rate = z.number().parse(value);
        const got = each[group](i);
        assert.ok(
          Math.abs(got - rate) <= 1e-9 * Math.abs(rate),
          `${name}, iteration ${i}, group ${group}: got ${got}, expected ${rate}`,
        );
      });
    });
  }
}

function schedule(options: Rates, base: number): Schedule {
  const { eta_min: etaMin = 0, gamma = 1, periods, milestones } = options;
  if (periods !== undefined) {
    const main = restartingCosine({
      base,
      etaMin,
      periods,
      ...(options.restart_weights && { restartWeights: options.restart_weights }),
    });
    const epoch = options.iterations_per_epoch;
    return epoch === undefined ? main : warmUpThen(main, base, epoch);
  }
  if (options.T_max !== undefined) return cosine({ base, etaMin, period: options.T_max });
  if (milestones !== undefined) {
    const restarts = options.restarts?.map((at, i) => ({
      at,
      weight: options.restart_weights?.[i] ?? 1,
    }));
    return multiStep({ base, milestones, gamma, ...(restarts && { restarts }) });
  }
  if (options.step_size !== undefined) {
    const size = options.step_size;
    const count = Math.ceil((options.steps ?? 0) / size);
    const milestones = Array.from({ length: count + 1 }, (_, i) => (i + 1) * size);
    return multiStep({ base, milestones, gamma });
  }
  assert.ok(options.start_factor !== undefined && options.total_iters !== undefined);
  return linear({ base, startFactor: options.start_factor, iterations: options.total_iters });
}
