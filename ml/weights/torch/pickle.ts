/**
 * A machine for Python's pickles that executes nothing: it moves values about, and what a name or
 * a call means is said by a {@link Host}, who knows a handful and refuses the rest.
 *
 * Protocols 0 to 5, as Python's `pickletools` lists their opcodes. Time and memory are linear in
 * the pickle's length.
 *
 * @module
 */
import type { Key, Plain, StoredTensor } from "../stored_tensor.ts";
import type { PickleInput } from "./pickle_input.ts";

/** Most values that wait on the stack. */
const MAX_STACK = 2 ** 20;

/** Most values that are remembered. */
const MAX_MEMO = 2 ** 22;

/** Most dicts, lists and objects; a tensor takes six, an empty dict one byte. */
const MAX_OBJECTS = 2 ** 21;

/** Most items that calls copy: a call takes a few bytes, however long its arguments are. */
const MAX_COPIED = 2 ** 22;

/** Longest integer, bytes or digits. */
const MAX_INTEGER = 256;

/** Something that only the host makes and understands. */
export abstract class Opaque {
  /** For messages, e.g. `torch.FloatStorage`. */
  abstract readonly description: string;
}

/** A function or class that is known. Calling it runs the host's code, never the file's. */
export class Callable extends Opaque {
  /**
   * @param description its name in Python
   * @param call makes a value of the arguments; throws a RangeError that says what is wrong
   */
  constructor(
    readonly description: string,
    readonly call: (args: Item[], copied: (items: number) => void) => Item,
  ) {
    super();
  }
}

/** A value of which only the attributes count: `BUILD` fills them in. */
export class Attributes extends Map<Key, Item> {}

/** A value while a pickle is read. Tuples and sets are lists. */
export type Item =
  | Plain
  | Uint8Array
  | StoredTensor
  | Opaque
  | Item[]
  | Map<Key, Item>;

/** Gives names and references their meaning. */
export interface Host {
  /** What a name of Python stands for; undefined refuses the file. */
  global(name: string): Item | undefined;
  /** What a reference to something outside the pickle stands for. @throws {RangeError} if nothing */
  persistent(id: Item): Item;
}

/**
 * Reads one pickle.
 *
 * @throws {InputError} with the file and the place: it is damaged or too large, or names anything
 * that the host does not know
 */
export function unpickle(input: PickleInput, host: Host): Item {
  return new Machine(input, host).run();
}

class Machine {
  private readonly stack: Item[] = [];
  /** Heights of the stack at each mark. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, Item>();
  private objects = 0;
  private copied = 0;

  constructor(private readonly input: PickleInput, private readonly host: Host) {}

  run(): Item {
    for (;;) {
      const opcode = this.input.byte();
      if (opcode === STOP) break;
      this.step(opcode);
      if (this.stack.length > MAX_STACK) this.fail(`it piles up more than ${MAX_STACK} values`);
    }
    if (this.marks.length > 0 || this.stack.length !== 1) {
      this.fail("its pickle ends with other than one value");
    }
    return this.pop();
  }

  private step(opcode: number): void {
    const { input, stack } = this;
    switch (String.fromCharCode(opcode)) {
      // What a pickle is made of, and what takes it apart again.
      case "\x80": {
        const protocol = input.byte();
        if (protocol > 5) this.fail(`its pickle has protocol ${protocol}, expected at most 5`);
        return;
      }
      case "\x95":
        if (input.view(8).getBigUint64(0, true) > BigInt(input.rest)) {
          this.fail("a frame of its pickle is cut off");
        }
        return;
      case "(":
        this.marks.push(stack.length);
        if (this.marks.length > MAX_STACK) this.fail(`it has more than ${MAX_STACK} marks`);
        return;
      case "0":
        // Python drops a mark that lies on top like a value.
        if (this.marks.at(-1) === stack.length) this.marks.pop();
        else this.pop();
        return;
      case "1":
        this.popMark();
        return;
      case "2":
        return this.push(this.top());

      // Values without parts.
      case "N":
        return this.push(null);
      case "\x88":
        return this.push(true);
      case "\x89":
        return this.push(false);
      case "K":
        return this.push(input.byte());
      case "M":
        return this.push(input.view(2).getUint16(0, true));
      case "J":
        return this.push(input.view(4).getInt32(0, true));
      case "\x8a":
        return this.push(this.integer(input.byte()));
      case "\x8b":
        return this.push(this.integer(input.view(4).getUint32(0, true)));
      case "I":
        return this.push(this.intLine(input.line()));
      case "L":
        return this.push(this.decimal(input.line().replace(/L$/, "")));
      case "G":
        return this.push(input.view(8).getFloat64(0, false));
      case "F":
        return this.push(this.floatLine(input.line()));

      // Texts and bytes.
      case "\x8c":
        return this.push(this.utf8(input.byte()));
      case "X":
        return this.push(this.utf8(input.view(4).getUint32(0, true)));
      case "\x8d":
        return this.push(this.utf8(this.length8()));
      case "V":
        return this.push(this.escaped(input.line()));
      case "U":
        return this.push(this.oldText(input.byte()));
      case "T":
        return this.push(this.oldText(input.view(4).getUint32(0, true)));
      case "S":
        return this.push(this.quoted(input.line()));
      case "C":
        return this.push(this.bytes(input.byte()));
      case "B":
        return this.push(this.bytes(input.view(4).getUint32(0, true)));
      case "\x8e":
      case "\x96":
        return this.push(this.bytes(this.length8()));

      // Tuples, lists, sets and dicts.
      case ")":
      case "]":
      case "\x8f":
        return this.push(this.made([]));
      case "\x85":
        return this.push(this.made(this.popMany(1)));
      case "\x86":
        return this.push(this.made(this.popMany(2)));
      case "\x87":
        return this.push(this.made(this.popMany(3)));
      case "t":
      case "l":
      case "\x91":
        return this.push(this.made(this.popMark()));
      case "a":
        return this.extend([this.pop()]);
      case "e":
      case "\x90":
        return this.extend(this.popMark());
      case "}":
        return this.push(this.made(new Map()));
      case "d": {
        const items = this.popMark();
        this.push(this.made(new Map()));
        return this.set(items);
      }
      case "s":
        return this.set(this.popMany(2));
      case "u":
        return this.set(this.popMark());

      // What has been seen before.
      case "p":
        return this.remember(this.index(input.line()));
      case "q":
        return this.remember(input.byte());
      case "r":
        return this.remember(input.view(4).getUint32(0, true));
      case "\x94":
        return this.remember(this.memo.size);
      case "g":
        return this.recall(this.index(input.line()));
      case "h":
        return this.recall(input.byte());
      case "j":
        return this.recall(input.view(4).getUint32(0, true));

      // Names and calls, which the host gives their meaning.
      case "c":
        return this.global(input.line(), input.line());
      case "\x93": {
        const [module, name] = this.popMany(2);
        if (typeof module !== "string" || typeof name !== "string") {
          return this.fail("a name in its pickle is no text");
        }
        return this.global(module, name);
      }
      case "R":
      case "\x81": {
        const [callable, args] = this.popMany(2);
        return this.call(callable, args);
      }
      case "\x92": {
        const [callable, args, named] = this.popMany(3);
        if (!(named instanceof Map) || named.size > 0) {
          return this.fail("it makes an object with named arguments");
        }
        return this.call(callable, args);
      }
      case "o": {
        const [callable, ...args] = this.popMark();
        return this.call(callable, args);
      }
      case "i": {
        this.global(input.line(), input.line());
        const callable = this.pop();
        return this.call(callable, this.popMark());
      }
      case "b":
        return this.build(this.pop());
      case "P":
        return this.push(this.named(() => this.host.persistent(input.line())));
      case "Q": {
        const id = this.pop();
        return this.push(this.named(() => this.host.persistent(id)));
      }
      case "\x82":
      case "\x83":
      case "\x84":
        return this.fail("its pickle names code by a number of a registry");
      case "\x97":
      case "\x98":
        return this.fail("its pickle lacks buffers that were stored elsewhere");
      default:
        return this.fail(
          `its pickle has the unknown opcode 0x${opcode.toString(16).padStart(2, "0")}; ` +
            "the file is damaged",
        );
    }
  }

  private push(item: Item): void {
    this.stack.push(item);
  }

  private top(): Item {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) this.fail("its pickle lacks a value");
    return this.stack[this.stack.length - 1];
  }

  private pop(): Item {
    const item = this.top();
    this.stack.pop();
    return item;
  }

  private popMany(count: number): Item[] {
    const from = this.stack.length - count;
    if (from < (this.marks.at(-1) ?? 0)) this.fail("its pickle lacks a value");
    return this.stack.splice(from);
  }

  private popMark(): Item[] {
    const mark = this.marks.pop();
    if (mark === undefined) return this.fail("its pickle lacks a mark");
    return this.stack.splice(mark);
  }

  private made<T extends Item>(object: T): T {
    if (++this.objects > MAX_OBJECTS) this.fail(`it has more than ${MAX_OBJECTS} objects`);
    return object;
  }

  private extend(items: Item[]): void {
    const list = this.top();
    if (!Array.isArray(list)) return this.fail("it appends to what is no list");
    for (const item of items) list.push(item);
  }

  private set(items: Item[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) return this.fail("it sets an item of what is no dict");
    if (items.length % 2 !== 0) this.fail("a dict in its pickle has a key without a value");
    for (let i = 0; i < items.length; i += 2) dict.set(this.key(items[i]), items[i + 1]);
  }

  private key(item: Item): Key {
    if (isPlain(item)) return item;
    if (Array.isArray(item) && item.every(isPlain)) {
      this.count(item.length);
      return [...item]; // a list could be changed, even to contain itself
    }
    return this.fail("a dict in its pickle has a key that is no text, number or tuple of such");
  }

  private remember(index: number): void {
    this.memo.set(index, this.top());
    if (this.memo.size > MAX_MEMO) this.fail(`it remembers more than ${MAX_MEMO} values`);
  }

  private recall(index: number): void {
    const item = this.memo.get(index);
    if (item === undefined) return this.fail(`its pickle recalls value ${index}, which is none`);
    this.push(item);
  }

  private global(module: string, name: string): void {
    const full = `${module}.${name}`;
    const item = this.host.global(full);
    if (item === undefined) {
      return this.input.fail(
        `it names ${shown(full)}`,
        "; this is not a file of weights alone, and nothing of it was run. Save the weights alone, " +
          "with torch.save(network.state_dict(), FILE)",
      );
    }
    this.push(item);
  }

  private call(callable: Item, args: Item): void {
    if (!(callable instanceof Callable)) return this.fail("it calls what is no function");
    if (!Array.isArray(args)) {
      return this.fail(`it calls ${callable.description} without a list of arguments`);
    }
    const result = this.named(() => callable.call(args, (items) => this.count(items)));
    this.push(this.made(result));
  }

  private build(state: Item): void {
    const object = this.top();
    if (!(object instanceof Map)) return this.fail("it sets attributes of what has none");
    if (!(object instanceof Attributes)) return; // an OrderedDict's, which say nothing of weights
    if (!(state instanceof Map)) return this.fail("it sets attributes that are no dict");
    this.count(state.size);
    for (const [key, value] of state) object.set(key, value);
  }

  /** Adds the place to what the host says is wrong. */
  private named(make: () => Item): Item {
    try {
      return make();
    } catch (error) {
      if (error instanceof RangeError) return this.fail(error.message);
      throw error;
    }
  }

  private count(items: number): void {
    this.copied += items;
    if (this.copied > MAX_COPIED) this.fail("it copies the same values again and again");
  }

  private length8(): number {
    return Number(this.input.view(8).getBigUint64(0, true));
  }

  private bytes(length: number): Uint8Array {
    return this.input.take(length).slice();
  }

  private utf8(length: number): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
        .decode(this.input.take(length));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return this.fail("a text in its pickle is not UTF-8");
    }
  }

  /** A text of Python 2, which says nothing of its encoding. */
  private oldText(length: number): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.input.take(length));
  }

  /** A text of protocol 0. */
  private escaped(line: string): string {
    return line.replace(
      /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g,
      (_, short?: string, long?: string) => {
        const code = parseInt(short ?? long ?? "", 16);
        if (code > 0x10FFFF) this.fail("a text in its pickle has an unknown character");
        return String.fromCodePoint(code);
      },
    );
  }

  /** A text of Python 2 in protocol 0: as Python writes it down. */
  private quoted(line: string): string {
    const inner = /^'(.*)'$|^"(.*)"$/.exec(line);
    if (inner === null) return this.fail("a text in its pickle has no quotes");
    const named: Record<string, string> = { n: "\n", r: "\r", t: "\t" };
    return (inner[1] ?? inner[2]).replace(
      /\\(?:x([0-9a-fA-F]{2})|(.))/g,
      (_, hex?: string, one = "") =>
        hex === undefined ? named[one] ?? one : String.fromCharCode(parseInt(hex, 16)),
    );
  }

  /** Two's complement, little-endian. */
  private integer(length: number): number | bigint {
    if (length > MAX_INTEGER) this.fail(`it has an integer of ${length} bytes`);
    const bytes = this.input.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = value << 8n | BigInt(bytes[i]);
    return narrow(length === 0 ? 0n : BigInt.asIntN(8 * length, value));
  }

  private decimal(text: string): number | bigint {
    if (!/^-?\d+$/.test(text) || text.length > MAX_INTEGER) {
      return this.fail("an integer in its pickle has no digits, or too many");
    }
    return narrow(BigInt(text));
  }

  /** Protocol 0 writes bools so, too. */
  private intLine(line: string): number | bigint | boolean {
    return line === "00" ? false : line === "01" ? true : this.decimal(line);
  }

  private floatLine(line: string): number {
    const special = /^([+-]?)(inf|nan)$/.exec(line);
    if (special) return special[2] === "nan" ? NaN : special[1] === "-" ? -Infinity : Infinity;
    const value = /^[\d.e+-]+$/i.test(line) ? Number(line) : NaN;
    return Number.isNaN(value) ? this.fail("a float in its pickle is no number") : value;
  }

  private index(line: string): number {
    const index = /^\d{1,10}$/.test(line) ? Number(line) : NaN;
    return Number.isNaN(index) ? this.fail("an index in its pickle is no number") : index;
  }

  private fail(what: string): never {
    return this.input.fail(what);
  }
}

const STOP = 0x2E;

/** Whether a value has no parts. */
export function isPlain(item: Item): item is Plain {
  return item === null || ["string", "number", "bigint", "boolean"].includes(typeof item);
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Names come from a file that nobody vouches for, and go to a terminal. */
function shown(name: string): string {
  const clean = name.replace(/[^\x20-\x7E]/g, "?");
  return clean.length > 100 ? `${clean.slice(0, 100)}...` : clean;
}
