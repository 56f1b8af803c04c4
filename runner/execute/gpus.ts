/**
 * Which GPUs stages may share, and how a stage is told which are its own.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";

/** What CUDA calls a GPU: its number, or `GPU-…`. Null for one that only takes turns. */
export type Gpu = string | null;

/** The variable by which CUDA bounds what a process sees. */
const VARIABLE = "CUDA_VISIBLE_DEVICES";

/** What is known of this machine. */
export interface GpuSurroundings {
  /** The person's own limit. */
  visible: string | undefined;
  /** GPUs that the driver lists. */
  listed: number;
}

/**
 * The GPUs that a run may hand out.
 *
 * Where neither a limit nor the driver says which there are, as with a GPU of another maker, there
 * is one that stages use in turns.
 *
 * @param wanted `2` for the first two, `0,3` for these; undefined for all
 * @throws {UserError} if there are not so many, or if one is outside the person's own limit
 */
export function usableGpus(wanted: string | undefined, here: GpuSurroundings): Gpu[] {
  const known = here.visible !== undefined
    ? idsOf(here.visible)
    : Array.from({ length: here.listed }, (_, i) => String(i));
  const isKnown = here.visible !== undefined || here.listed > 0;
  if (wanted === undefined) return isKnown ? known : [null];

  if (/^\d+$/.test(wanted)) {
    const count = Number(wanted);
    if (!isKnown) return Array.from({ length: count }, (_, i) => String(i));
    if (count <= known.length) return known.slice(0, count);
    throw refusal(wanted, `there are ${known.length}`, here, known);
  }
  const ids = idsOf(wanted);
  if (ids.length === 0 || new Set(ids).size < ids.length) {
    throw new UserError({
      message: `cannot read --gpus ${wanted}`,
      notes: ["expected how many, such as --gpus 2, or which, such as --gpus 0,3"],
    });
  }
  const outside = isKnown ? ids.filter((id) => !known.includes(id)) : [];
  if (outside.length > 0) throw refusal(wanted, `${outside.join(", ")} is not there`, here, known);
  return ids;
}

function refusal(
  wanted: string,
  why: string,
  { visible }: GpuSurroundings,
  known: string[],
): UserError {
  const limit = visible === undefined ? "" : `, as ${VARIABLE} says`;
  return new UserError({
    message: `--gpus ${wanted}: ${why}`,
    notes: [`GPUs: ${known.join(", ") || "none"}${limit}`],
  });
}

/** As CUDA reads the list: what follows a negative number does not count. */
function idsOf(list: string): string[] {
  const ids = list.split(",").map((id) => id.trim()).filter((id) => id !== "");
  const end = ids.findIndex((id) => id.startsWith("-"));
  return end < 0 ? ids : ids.slice(0, end);
}

/** Asks the environment and NVIDIA's driver. */
export function gpusHere(): GpuSurroundings {
  let listed = 0;
  try {
    listed = [...Deno.readDirSync("/proc/driver/nvidia/gpus")].length;
  } catch {
    // No such driver.
  }
  return { visible: Deno.env.get(VARIABLE), listed };
}

/**
 * The variables for a stage that was given these GPUs.
 *
 * @param asked whether it asked for any: one that did not sees what the person sees
 */
export function gpuEnvironment(
  gpus: Gpu[],
  asked: boolean,
  get: (name: string) => string | undefined = (name) => Deno.env.get(name),
): Record<string, string> {
  const order = get("CUDA_DEVICE_ORDER");
  const outer = get(VARIABLE);
  const isNamed = gpus.every((gpu) => gpu !== null);
  const visible = asked && isNamed ? gpus.join(",") : outer;
  return {
    ...(order === undefined ? {} : { CUDA_DEVICE_ORDER: order }),
    ...(visible === undefined ? {} : { [VARIABLE]: visible }),
  };
}

/** Those that can be told apart. */
export function namesOf(gpus: Gpu[]): string[] {
  return gpus.filter((gpu) => gpu !== null);
}
