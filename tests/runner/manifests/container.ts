/**
 * A job for tests that ask for one thing of it.
 *
 * @module
 */
import type { ContainerJob } from "../../../runner/manifests/container_job.ts";

/** A job that asks for everything, but for what is given. */
export function containerWith(given: Partial<ContainerJob> = {}): ContainerJob {
  return {
    id: "train/edsr/4",
    uses: "train",
    key: "ab".repeat(32),
    needs: [],
    command: ["deno", "run", "-A", "/shared/main.ts", "run", "p.yaml", "--only", "train/edsr/4"],
    env: { HOME: "/shared/home" },
    cpu: 8,
    memory: 2 ** 35 + 1,
    gpu: 2,
    seconds: 7350,
    graceSeconds: 315,
    retries: 3,
    ...given,
  };
}
