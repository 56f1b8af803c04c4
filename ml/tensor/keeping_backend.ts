/**
 * A backend that keeps numbers and computes nothing, to look at what a network declares.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

const NAME = "keeping";

interface Kept {
  values: tf.BackendValues;
  references: number;
}

class KeepingBackend extends tf.KernelBackend {
  readonly #kept = new Map<object, Kept>();

  override write(values: tf.BackendValues): object {
    const id = {};
    this.#kept.set(id, { values, references: 1 });
    return id;
  }

  override move(id: object, values: tf.BackendValues, _: number[], __: string, count: number) {
    this.#kept.set(id, { values, references: count });
  }

  override incRef(id: object): void {
    const kept = this.#kept.get(id);
    if (kept !== undefined) kept.references++;
  }

  override refCount(id: object): number {
    return this.#kept.get(id)?.references ?? 0;
  }

  override disposeData(id: object, force = false): boolean {
    const kept = this.#kept.get(id);
    if (kept !== undefined && --kept.references > 0 && !force) return false;
    return this.#kept.delete(id);
  }

  override readSync(id: object): tf.BackendValues {
    const kept = this.#kept.get(id);
    if (kept === undefined) throw new RangeError("Cannot read a tensor: it has been disposed of");
    return kept.values;
  }

  override read(id: object): Promise<tf.BackendValues> {
    return Promise.resolve(this.readSync(id));
  }

  override numDataIds(): number {
    return this.#kept.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override dispose(): void {
    this.#kept.clear();
  }
}

/**
 * Runs `work` where tensors can be made and read but not computed with. No other work with tensors
 * may go on meanwhile; afterwards the backend is what it was.
 */
export async function keepingOnly<T>(work: () => T | Promise<T>): Promise<T> {
  const before: string | null | undefined = tf.getBackend(); // none is null, whatever its type says
  tf.registerBackend(NAME, () => new KeepingBackend(), 0);
  await tf.setBackend(NAME);
  try {
    return await work();
  } finally {
    if (before) await tf.setBackend(before);
    tf.removeBackend(NAME);
  }
}
