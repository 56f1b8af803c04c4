/**
 * Pickles and checkpoints, written by hand for tests.
 *
 * @module
 */
import { zipFile } from "../../helpers/zip.ts";

/** One string of Latin-1 characters stands for bytes: pickles are mostly text. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Little-endian bytes of a number. */
export function little(value: number | bigint, length: number): string {
  let rest = BigInt.asUintN(8 * length, BigInt(value));
  let text = "";
  for (let i = 0; i < length; i++, rest >>= 8n) text += String.fromCharCode(Number(rest & 255n));
  return text;
}

/** A text as a pickle has it. */
export function text(value: string): string {
  const utf8 = new TextEncoder().encode(value);
  return `X${little(utf8.length, 4)}${String.fromCharCode(...utf8)}`;
}

/** An integer as a pickle has it. */
export function int(value: number | bigint): string {
  return `\x8a\x08${little(value, 8)}`;
}

/** A tuple of pickled values. */
export function tuple(...items: string[]): string {
  return `(${items.join("")}t`;
}

/** A dict of pickled values. */
export function dict(items: Record<string, string>): string {
  return `}(${Object.entries(items).map(([key, value]) => text(key) + value).join("")}u`;
}

/** A storage that a pickle refers to. */
export interface TestStorage {
  /** Python's module and class. */
  type?: string;
  key?: string;
  device?: string;
  count: number | bigint;
}

/** The reference to a storage. */
export function storage(
  { type = "torch\nFloatStorage", key = "0", device = "cpu", count }: TestStorage,
) {
  return `${tuple(text("storage"), `c${type}\n`, text(key), text(device), int(count))}Q`;
}

/** A tensor as torch.save writes it. */
export function tensor(
  of: TestStorage,
  shape: (number | bigint)[],
  stride: (number | bigint)[],
  offset: number | bigint = 0,
): string {
  return "ctorch._utils\n_rebuild_tensor_v2\n" + tuple(
    storage(of),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...stride.map(int)),
    "\x89",
    "ccollections\nOrderedDict\n)R",
  ) + "R";
}

/** A whole pickle of protocol 2. */
export function pickled(value: string): string {
  return `\x80\x02${value}.`;
}

/** A checkpoint in the zip format. @param storages key → bytes */
export function torchZip(
  value: string,
  storages: Record<string, Uint8Array> = {},
  others: Record<string, Uint8Array> = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(storages).map(([key, data]) => [`archive/data/${key}`, data]);
  return zipFile(
    { "archive/data.pkl": bytes(pickled(value)), ...others, ...Object.fromEntries(entries) },
    { compressed: false },
  );
}

/** What stands before the contents in the legacy format. */
export const LEGACY_HEAD = pickled(`\x8a\x0a${little(0x1950A86A20F9469CFC6Cn, 10)}`) +
  pickled(int(1001)) + pickled(dict({}));

/** A checkpoint in the legacy format. @param storages key → count and bytes, in order */
export function torchLegacy(
  value: string,
  storages: [key: string, count: number, data: Uint8Array][] = [],
): Uint8Array<ArrayBuffer> {
  return bytes(
    LEGACY_HEAD + pickled(value) + pickled(`](${storages.map(([key]) => text(key)).join("")}e`) +
      storages.map(([, count, data]) => little(count, 8) + String.fromCharCode(...data)).join(""),
  );
}

/** Numbers as bytes. */
export function raw(numbers: ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
