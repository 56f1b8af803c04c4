/**
 * The parameters of a network, by their PyTorch state_dict names.
 *
 * Files hold tensors in PyTorch's shapes and element order; in memory they lie as TensorFlow wants
 * them (NHWC). {@link Layout} says how the two relate, once, where the parameter is declared.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { stream } from "../tensor/random.ts";
import type { Init } from "./init.ts";
import { fromTorch, inMemoryShape, type Layout, toTorch } from "./layout.ts";

/** A tensor as files hold it: PyTorch's shape, row-major. */
export interface NamedTensor {
  /** PyTorch's, with all levels. */
  name: string;
  /** PyTorch's. */
  shape: number[];
  /** In PyTorch's element order. */
  data: Float32Array;
}

/**
 * What a parameter is to an optimizer: `trained` moves, `frozen` could but must not (the detector's
 * first layers), `buffer` is state that no gradient reaches (running statistics, fixed shifts).
 */
export type Role = "trained" | "frozen" | "buffer";

/** One parameter. */
export interface Parameter {
  /** PyTorch's, with all levels. */
  name: string;
  /** PyTorch's shape. */
  shape: number[];
  /** How memory order follows from PyTorch's. */
  layout: Layout;
  /** What an optimizer may do with it. */
  role: Role;
  /** In memory order. */
  variable: tf.Variable;
}

/** How a parameter is declared. */
export interface Declaration {
  /** PyTorch's shape. */
  shape: number[];
  /** Default `same`. */
  layout?: Layout;
  /** First values, where the source has none. */
  init: Init;
  /** Default `trained`, or `frozen` below {@link Params.frozen}. */
  role?: Role;
}

/** Where values come from: PyTorch's element order, or undefined where the source has none. */
export type Source = (name: string, shape: number[]) => Float32Array | undefined;

/** The path to some parameters; `at()` goes one level down, `get()` declares one. */
export class Params {
  private constructor(
    private readonly parameters: Map<string, Parameter>,
    private readonly source: Source,
    private readonly seed: number,
    private readonly prefix: string,
    private readonly role: Role,
  ) {}

  /**
   * An empty set, filled by the network that is built on it.
   *
   * @param seed for what `source` does not hold
   * @param source e.g. {@link checkpoint}; nothing by default, so everything is random
   */
  static create(seed: number, source: Source = () => undefined): Params {
    return new Params(new Map(), source, seed, "", "trained");
  }

  /** One level down: `p.at("body.0")` names what follows `body.0.…`. */
  at(name: string | number): Params {
    return new Params(
      this.parameters,
      this.source,
      this.seed,
      `${this.prefix}${name}.`,
      this.role,
    );
  }

  /** The same level, but everything trained that is declared through it is frozen. */
  frozen(): Params {
    return new Params(this.parameters, this.source, this.seed, this.prefix, "frozen");
  }

  /**
   * Declares the parameter `name` and gives its variable, in memory layout.
   *
   * @throws {RangeError} if the name is taken or the source's tensor has another size
   */
  get(name: string, { shape, layout = "same", init, role }: Declaration): tf.Variable {
    const full = this.prefix + name;
    if (this.parameters.has(full)) {
      throw new RangeError(`Cannot declare "${full}": the network has a parameter of that name`);
    }
    const values = this.source(full, shape) ?? init(shape, stream(this.seed, "init", full));
    const size = shape.reduce((a, b) => a * b, 1);
    if (values.length !== size) {
      throw new RangeError(
        `Cannot fill "${full}": expected ${size} values for [${shape}], found ${values.length}`,
      );
    }
    const variable = tf.tidy(() =>
      tf.variable(tf.tensor(fromTorch(values, shape, layout), inMemoryShape(shape, layout)))
    );
    this.parameters.set(full, {
      name: full,
      shape,
      layout,
      role: role ?? this.role,
      variable,
    });
    return variable;
  }

  /** All parameters, in the order they were declared. */
  all(): Parameter[] {
    return [...this.parameters.values()];
  }

  /** What `make` gives, and the variables an optimizer moves that it declares. */
  trainedBy<T>(make: () => T): [T, tf.Variable[]] {
    const before = this.all().length;
    const made = make();
    const trained = this.all().slice(before).filter((p) => p.role === "trained");
    return [made, trained.map((p) => p.variable)];
  }

  /** The variables an optimizer moves. */
  trained(): tf.Variable[] {
    return this.all().filter((p) => p.role === "trained").map((p) => p.variable);
  }

  /** Copies of all values, as files hold them. */
  async snapshot(): Promise<NamedTensor[]> {
    return await Promise.all(
      this.all().map(async ({ name, shape, layout, variable }) => ({
        name,
        shape,
        data: toTorch(await variable.data() as Float32Array, shape, layout),
      })),
    );
  }

  /**
   * Sets every parameter to the value that {@link snapshot} gave.
   *
   * @throws {RangeError} if one is missing or has another shape
   */
  restore(tensors: readonly NamedTensor[]): void {
    const source = checkpoint(tensors);
    for (const { name, shape, layout, variable } of this.all()) {
      const values = source(name, shape);
      if (values === undefined) throw new RangeError(`Cannot restore "${name}": it is missing`);
      tf.tidy(() =>
        variable.assign(tf.tensor(fromTorch(values, shape, layout), inMemoryShape(shape, layout)))
      );
    }
  }

  /** Frees the variables. The networks built on them are dead afterwards. */
  dispose(): void {
    for (const { variable } of this.parameters.values()) variable.dispose();
    this.parameters.clear();
  }
}

/**
 * Takes values from a checkpoint; what it lacks stays random.
 *
 * @param onOtherShape told of a tensor of another shape, which then stays random too; by default it
 *   is refused
 * @throws {RangeError} (when the network asks) if a tensor has another shape
 */
export function checkpoint(
  tensors: readonly NamedTensor[],
  onOtherShape: (tensor: NamedTensor, wanted: number[]) => void = refuse,
): Source {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return (name, shape) => {
    const tensor = byName.get(name);
    if (tensor === undefined) return undefined;
    if (tensor.shape.join() === shape.join()) return tensor.data;
    onOtherShape(tensor, shape);
    return undefined;
  };
}

function refuse({ name, shape }: NamedTensor, wanted: number[]): never {
  throw new RangeError(`Cannot load "${name}": expected shape [${wanted}], found [${shape}]`);
}
