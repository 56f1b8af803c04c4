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

/**
 * Opens it; nothing is asked yet.
 *
 * @returns undefined if none is chosen
 * @throws {UserError} if what is chosen can be none
 */
export async function openRemote(
  { remote, remoteReadOnly }: PlanOptions,
  use: Pick<RemoteOptions, "store" | "notify" | "stop">,
): Promise<RemoteCache | undefined> {
  if (remote === undefined || remote === "") return undefined;
  // Loaded only when asked for: a run without it starts sooner.
  const { openPlace } = await import("../store/remote/address.ts");
  const { RemoteCache } = await import("../store/remote/remote.ts");
  const patience = readPatience(Deno.env.get(PATIENCE));
  return new RemoteCache(openPlace(remote, Deno.env.get("SR4IR_REMOTE_TOKEN")), {
    ...use,
    readOnly: remoteReadOnly ?? false,
    ...(patience !== undefined && { patience }),
  });
}

/** Like {@link openRemote}, where there is nothing to do without one. */
export async function requireRemote(
  options: PlanOptions,
  use: Pick<RemoteOptions, "store" | "notify" | "stop">,
): Promise<RemoteCache> {
  const remote = await openRemote(options, use);
  if (remote !== undefined) return remote;
  throw new UserError({
    message: "which remote cache? None is given",
    notes: ["Give --remote http://HOST/PATH or --remote FOLDER, or set SR4IR_REMOTE"],
  });
}

function readPatience(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const seconds = Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new UserError(`Cannot use ${PATIENCE}=${text}: expected a number of seconds above 0`);
}
