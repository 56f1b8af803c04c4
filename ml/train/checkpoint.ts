/**
 * Where a training stands, on disk, so that an interrupted one goes on bit for bit.
 *
 * Random draws depend on seed and iteration only, so weights, moments and the iteration are all.
 *
 * @module
 */
import { type NamedTensor, type Params } from "../nn/params.ts";
import { readSafetensors, writeSafetensors } from "../weights/safetensors.ts";
import type { Optimizer } from "./optimizers.ts";
import { replaceFile } from "./whole_file.ts";

/** What a checkpoint saves of one network. */
export interface Saved {
  params: Params;
  optimizer: Optimizer;
}

const FILE = "checkpoint.safetensors";

/** Writes the state after `iteration` iterations; an older one stays whole until it is replaced. */
export async function saveCheckpoint(
  folder: string,
  iteration: number,
  networks: Record<string, Saved>,
): Promise<void> {
  const tensors: NamedTensor[] = [];
  for (const [name, { params, optimizer }] of Object.entries(networks)) {
    for (const tensor of await params.snapshot()) {
      tensors.push({ ...tensor, name: `${name}/params/${tensor.name}` });
    }
    for (const tensor of await optimizer.snapshot()) {
      tensors.push({ ...tensor, name: `${name}/optimizer/${tensor.name}` });
    }
  }
  await replaceFile(
    `${folder}/${FILE}`,
    (file) => writeSafetensors(file, tensors, { iteration: String(iteration) }),
  );
}

/**
 * Puts the networks where a checkpoint left them.
 *
 * @returns iterations done; 0 if there is no checkpoint or it is of no use
 */
export async function restoreCheckpoint(
  folder: string,
  networks: Record<string, Saved>,
): Promise<number> {
  let file;
  try {
    file = await readSafetensors(`${folder}/${FILE}`);
  } catch (error) {
    // None yet, or a machine that stopped in mid-write: training starts over, nothing is lost.
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return 0;
    throw error;
  }
  for (const [name, { params, optimizer }] of Object.entries(networks)) {
    params.restore(below(file.tensors, `${name}/params/`));
    optimizer.restore(below(file.tensors, `${name}/optimizer/`));
  }
  return Number(file.metadata.iteration);
}

function below(tensors: readonly NamedTensor[], prefix: string): NamedTensor[] {
  return tensors.filter(({ name }) => name.startsWith(prefix))
    .map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) }));
}
