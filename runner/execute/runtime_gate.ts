/**
 * Holds back the stages that compute until the tensor library is there; fetches it for the first of
 * them, and never if none has to run.
 *
 * @module
 */
import type { Runtime } from "../plan/plan.ts";
import type { Failure } from "./executor.ts";
import type { RuntimeAccess } from "./sandbox.ts";

/** The tensor library, ready to be loaded by a stage. */
export interface PreparedRuntime {
  runtime: Runtime;
  access: RuntimeAccess;
}

/** Closed, then preparing, then open for good. */
export class RuntimeGate {
  /** While the library is being fetched. */
  preparing: Promise<void> | undefined;
  /** Once it is there. */
  access: RuntimeAccess | undefined;
  /** Once it is clear that it cannot be had: what every stage that computes then fails with. */
  failure: Failure | undefined;
  #prepare: () => Promise<PreparedRuntime>;

  constructor(prepare: () => Promise<PreparedRuntime>) {
    this.#prepare = prepare;
  }

  /**
   * @param onReady hears which backend has come out, before anyone passes
   * @returns whether a stage may start now; if not, `preparing` resolves when it is worth asking again
   */
  pass(onReady: (runtime: Runtime) => void): boolean {
    if (this.access || this.failure) return true;
    this.preparing ??= this.#open(onReady);
    return false;
  }

  async #open(onReady: (runtime: Runtime) => void): Promise<void> {
    try {
      const { runtime, access } = await this.#prepare();
      this.access = access;
      onReady(runtime);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.failure = { kind: "runtime", message };
    } finally {
      this.preparing = undefined;
    }
  }
}
