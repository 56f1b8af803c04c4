/**
 * `cache keygen`: make a pair of keys, to sign the results in a remote cache and to check them.
 *
 * @module
 */
import { generateKeyPairSync } from "node:crypto";
import { UserError } from "../diagnostic.ts";
import { hasCode } from "../store/files.ts";
import { VARIABLES } from "../store/remote/signature.ts";
import { print } from "./options.ts";

/** Options of `cache keygen`. */
export interface KeygenOptions {
  json?: boolean;
}

/** Makes the files. @param name of both, without their ends @returns the exit code */
export function cacheKeygenCommand(name: string, { json = false }: KeygenOptions): number {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const files = { private: `${name}.pem`, public: `${name}.pub.pem` };
  writeNew(files.private, privateKey, 0o600);
  writeNew(files.public, publicKey, 0o644);
  if (json) print(JSON.stringify(files, null, 2) + "\n");
  else {
    print(`${files.private}: for who gives results; keep it secret\n`);
    print(`  export ${VARIABLES.signing}=${Deno.realPathSync(files.private)}\n`);
    print(`${files.public}: for who takes them; give it to all\n`);
    print(`  export ${VARIABLES.public}=${Deno.realPathSync(files.public)}\n`);
  }
  return 0;
}

/** A key that is replaced makes all that it has signed worthless. */
function writeNew(path: string, text: string, mode: number): void {
  try {
    Deno.writeTextFileSync(path, text, { mode, createNew: true });
  } catch (error) {
    const problem = hasCode(error, "EEXIST")
      ? "it is there already"
      : hasCode(error, "ENOENT")
      ? "there is no such folder"
      : hasCode(error, "EACCES", "EPERM", "EROFS")
      ? "permission denied"
      : undefined;
    if (problem === undefined) throw error;
    throw new UserError({
      message: `Cannot write the key ${path}: ${problem}`,
      notes: ["deno task cache keygen NAME writes NAME.pem and NAME.pub.pem"],
    }, { cause: error });
  }
}
