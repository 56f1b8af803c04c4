/**
 * The remote cache that a person has chosen.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import type { RemoteCache, RemoteOptions } from "../store/remote/remote.ts";
import type { PlanOptions } from "./options.ts";

/** Seconds without a sign of life; for slower networks than most. */
const PATIENCE = "SR4IR_REMOTE_TIMEOUT";

/** Same as `--remote-strict`. */
const STRICT = "SR4IR_REMOTE_STRICT";

/** What the cache is used for. */
type Use = Pick<RemoteOptions, "store" | "notify" | "warn" | "stop">;

/**
 * Opens it; nothing is asked yet.
 *
 * @returns undefined if none is chosen
 * @throws {UserError} if what is chosen can be none, or a key cannot be used
 */
export async function openRemote(
  { remote, remoteReadOnly, remoteStrict }: PlanOptions,
  use: Use,
): Promise<RemoteCache | undefined> {
  if (remote === undefined || remote === "") return undefined;
  // Loaded only when asked for: a run without it starts sooner.
  const { openPlace } = await import("../store/remote/address.ts");
  const { RemoteCache } = await import("../store/remote/remote.ts");
  const { readTrust } = await import("../store/remote/signature.ts");
  const patience = readPatience(Deno.env.get(PATIENCE));
  return new RemoteCache(openPlace(remote, Deno.env.get("SR4IR_REMOTE_TOKEN")), {
    ...use,
    readOnly: remoteReadOnly ?? false,
    strict: remoteStrict ?? readSwitch(STRICT),
    trust: readTrust((name) => Deno.env.get(name)),
    ...(patience !== undefined && { patience }),
  });
}

/** Like {@link openRemote}, where there is nothing to do without one. */
export async function requireRemote(options: PlanOptions, use: Use): Promise<RemoteCache> {
  const remote = await openRemote(options, use);
  if (remote !== undefined) return remote;
  throw new UserError({
    message: "which remote cache? None is given",
    notes: ["Give --remote http://HOST/PATH or --remote FOLDER, or set SR4IR_REMOTE"],
  });
}

/** Refuses to give results that nobody would take. */
export function requireSigning(remote: RemoteCache): void {
  if (remote.signs !== false) return;
  throw new UserError({
    message: "Cannot give results: SR4IR_REMOTE_PUBLIC_KEY can check signatures, not make them",
    notes: [
      "Set SR4IR_REMOTE_SIGNING_KEY to the file of a private key; see deno task cache keygen",
    ],
  });
}

function readPatience(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const seconds = Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new UserError(`Cannot use ${PATIENCE}=${text}: expected a number of seconds above 0`);
}

function readSwitch(name: string): boolean {
  const text = Deno.env.get(name) ?? "";
  if (text === "1") return true;
  if (text === "" || text === "0") return false;
  throw new UserError(`Cannot use ${name}=${text}: expected 1 or 0`);
}
