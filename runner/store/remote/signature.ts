/**
 * Who vouches for a record. A digest shows that bytes belong to a record; that the record belongs to
 * its key only whoever ran the stage can say.
 *
 * Either all have one secret (HMAC-SHA256), or who gives results has a private key and who takes them
 * needs only the public one (Ed25519).
 *
 * @module
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { UserError } from "../../diagnostic.ts";
import type { ActionRecord } from "../../plan/record.ts";
import { canonicalJson } from "../digest.ts";
import type { Signature } from "./entry.ts";

/** Names the use, so that what was signed for another means nothing here. */
const USE = "sr4ir remote cache, record\n";

/** A shorter secret can be guessed. */
const SHORTEST_SECRET = 16;

/** Signs and checks records. */
export interface Trust {
  /** Absent if results can be taken only, for want of a private key. */
  sign?: (record: ActionRecord) => Signature;
  /** Whether somebody who is trusted has signed just this. */
  isTrusted(record: ActionRecord, signature: Signature | undefined): boolean;
}

/** Names of the variables that say whom to trust. */
export const VARIABLES = {
  secret: "SR4IR_REMOTE_KEY",
  signing: "SR4IR_REMOTE_SIGNING_KEY",
  public: "SR4IR_REMOTE_PUBLIC_KEY",
} as const;

/**
 * Reads whom to trust.
 *
 * @param get value of a variable
 * @returns undefined if nobody said: then everything is
 * @throws {UserError} if a key cannot be used
 */
export function readTrust(get: (name: string) => string | undefined): Trust | undefined {
  const secret = get(VARIABLES.secret) || undefined;
  const signing = get(VARIABLES.signing) || undefined;
  const open = get(VARIABLES.public) || undefined;
  if (secret === undefined && signing === undefined && open === undefined) return undefined;
  if (secret !== undefined) {
    if (signing === undefined && open === undefined) return bySecret(secret);
    throw new UserError({
      message: `Cannot use ${VARIABLES.secret} beside ${
        signing === undefined ? VARIABLES.public : VARIABLES.signing
      }`,
      notes: ["Choose one: a secret that all share, or a key pair"],
    });
  }
  const own = signing === undefined ? undefined : readPrivateKey(signing);
  const others = open === undefined ? [] : readPublicKeys(open);
  return byKeys(own, own === undefined ? others : [createPublicKey(own), ...others]);
}

function bySecret(secret: string): Trust {
  if (secret.length < SHORTEST_SECRET) {
    throw new UserError({
      message: `Cannot use ${VARIABLES.secret}: it has ${secret.length} characters, ` +
        `and fewer than ${SHORTEST_SECRET} can be guessed`,
      notes: ["openssl rand -base64 32 makes a good one"],
    });
  }
  const codeOf = (record: ActionRecord) =>
    createHmac("sha256", secret).update(signedText(record)).digest();
  return {
    sign: (record) => ({ hmac: new Uint8Array(codeOf(record)).toBase64() }),
    isTrusted(record, signature) {
      if (signature === undefined || !("hmac" in signature)) return false;
      const given = Uint8Array.fromBase64(signature.hmac);
      const right = codeOf(record);
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}

function byKeys(own: KeyObject | undefined, trusted: KeyObject[]): Trust {
  return {
    ...own && {
      sign: (record: ActionRecord) => ({
        ed25519: new Uint8Array(sign(null, signedText(record), own)).toBase64(),
      }),
    },
    isTrusted(record, signature) {
      if (signature === undefined || !("ed25519" in signature)) return false;
      const given = Uint8Array.fromBase64(signature.ed25519);
      return trusted.some((key) => verify(null, signedText(record), key, given));
    },
  };
}

/** The record has its key in it, and by digests all its outputs. */
function signedText(record: ActionRecord): Uint8Array {
  return new TextEncoder().encode(USE + canonicalJson(record));
}

function readPrivateKey(path: string): KeyObject {
  return readKey(VARIABLES.signing, path, "private", (text) => createPrivateKey(text));
}

/** A file may hold the keys of several people, one behind the other. */
function readPublicKeys(path: string): KeyObject[] {
  const text = readKeyFile(VARIABLES.public, path);
  const blocks = text.match(/-----BEGIN [^-]+-----[^-]*-----END [^-]+-----/g) ?? [text];
  if (blocks.some((block) => block.includes("PRIVATE"))) {
    throw new UserError({
      message: `Cannot use ${VARIABLES.public}=${path}: it holds a private key`,
      notes: [
        `openssl pkey -in ${path} -pubout writes the public one; ` +
        `for the private one there is ${VARIABLES.signing}`,
      ],
    });
  }
  return blocks.map((block) =>
    readKey(VARIABLES.public, path, "public", (text) => createPublicKey(text), block)
  );
}

function readKey(
  variable: string,
  path: string,
  kind: "private" | "public",
  create: (text: string) => KeyObject,
  text: string = readKeyFile(variable, path),
): KeyObject {
  const refuse = (problem: string, cause?: unknown) =>
    new UserError({
      message: `Cannot use ${variable}=${path}: ${problem}`,
      notes: ["deno task cache keygen makes a pair of keys"],
    }, { cause });
  let key: KeyObject;
  try {
    key = create(text);
  } catch (error) {
    throw refuse(`it is no ${kind} key as a PEM file`, error);
  }
  if (key.asymmetricKeyType === "ed25519") return key;
  throw refuse(`expected an Ed25519 key, found ${key.asymmetricKeyType ?? "another one"}`);
}

function readKeyFile(variable: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const problem = error instanceof Deno.errors.NotFound ? "there is no such file" : String(error);
    throw new UserError({
      message: `Cannot read ${variable}=${path}: ${problem}`,
      notes: ["deno task cache keygen makes a pair of keys"],
    }, { cause: error });
  }
}
