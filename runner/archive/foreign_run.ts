/**
 * Whether the manifest of a run that comes from elsewhere is one that this program could have written.
 *
 * @module
 */
import { z } from "zod";
import { digest } from "../store/remote/shape.ts";

/** Shown on terminals, so without characters that steer them. */
const line = z.string().regex(/^\P{Cc}*$/u);

/** See `runs/run_record.ts`. Further fields may come with later versions. */
const SHAPE = z.object({
  format: z.literal(1),
  id: z.string(),
  pipeline: line,
  file: line,
  profile: line,
  sets: z.array(line),
  params: z.record(z.string(), z.unknown()),
  choices: z.object({
    until: z.array(line),
    only: z.array(line),
    force: z.array(line),
    keepGoing: z.boolean(),
    executor: line,
    jobs: z.number(),
  }).exactOptional(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  seconds: z.number().nonnegative(),
  status: z.enum(["ok", "failed", "interrupted"]),
  host: z.object({ name: line, cpu: line, os: line }),
  deno: line,
  runtime: z.object({ backend: line, version: line }),
  stages: z.array(z.object({
    id: line,
    uses: line,
    status: z.enum(["hit", "ran", "failed", "skipped", "would-run"]),
    key: digest.nullable(),
    reason: z.string(),
    failure: z.object({
      kind: z.string(),
      log: z.string().exactOptional(),
      tail: z.array(z.string()),
    }).exactOptional(),
    peakMemory: z.number().exactOptional(),
    failures: z.array(z.object({
      attempt: z.int(),
      kind: z.string(),
      message: z.string(),
      seconds: z.number(),
      exitCode: z.int().exactOptional(),
      signal: line.exactOptional(),
      peakMemory: z.number().exactOptional(),
    })).exactOptional(),
    seconds: z.number().nonnegative(),
    outputs: z.record(z.string(), digest),
    metrics: z.record(z.string(), z.number().nullable()),
    aliases: z.array(line),
    attempts: z.int().nonnegative(),
  })),
});

/** Whether a text is the manifest of the run with this id, of this pipeline. */
export function isForeignRun(text: string, id: string, pipeline: string): boolean {
  try {
    const run = SHAPE.safeParse(JSON.parse(text)).data;
    return run?.id === id && run.pipeline === pipeline;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
