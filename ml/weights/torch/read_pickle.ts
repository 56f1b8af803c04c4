/**
 * Reads one of a checkpoint's pickles.
 *
 * @module
 */
import type { Value } from "../stored_tensor.ts";
import type { Stretch } from "../stretch.ts";
import { assertValue, torchGlobal } from "./globals.ts";
import { type Host, type Item, unpickle } from "./pickle.ts";
import { PickleInput } from "./pickle_input.ts";

/** A pickle's result, and where what is behind it begins. */
export interface Read<T> {
  value: T;
  /** Offset in the stretch. */
  end: number;
}

/**
 * Reads the pickle that begins at an offset.
 *
 * @param persistent what references to outside mean; without it, there may be none
 * @throws {InputError} with the file and the place
 */
export function readItem(
  stretch: Stretch,
  offset = 0,
  persistent: Host["persistent"] = noReferences,
): Read<Item> {
  return read(stretch, offset, persistent, (item) => item);
}

/** Like {@link readItem}, where only values may come out. */
export function readValue(
  stretch: Stretch,
  offset = 0,
  persistent: Host["persistent"] = noReferences,
): Read<Value> {
  return read(stretch, offset, persistent, (item) => {
    assertValue(item);
    return item;
  });
}

/** @param checked what is taken of it; a RangeError is the file's fault */
function read<T>(
  stretch: Stretch,
  offset: number,
  persistent: Host["persistent"],
  checked: (item: Item) => T,
): Read<T> {
  using input = new PickleInput(stretch, offset);
  const item = unpickle(input, { global: torchGlobal, persistent });
  try {
    return { value: checked(item), end: input.position };
  } catch (error) {
    if (error instanceof RangeError) return input.fail(error.message);
    throw error;
  }
}

function noReferences(): never {
  throw new RangeError("its pickle refers to something outside");
}
