/**
 * `show`: where a stored folder comes from, down to what came from outside.
 *
 * @module
 */
import { EarlierRecords } from "../explain/earlier_records.ts";
import { traceProvenance } from "../explain/provenance.ts";
import { renderProvenance } from "../explain/provenance_text.ts";
import type { ExportOptions } from "./export_provenance.ts";
import { lookIntoStore } from "./look.ts";
import { type PlanOptions, print, type Surroundings } from "./options.ts";
import { storedArtifact } from "./stored_artifact.ts";

/** Options of `show`. */
export interface ShowOptions extends PlanOptions, ExportOptions {
  /** List every module. */
  code?: boolean;
}

/**
 * Traces and prints.
 *
 * @param text as {@link storedArtifact} takes it
 * @returns the exit code
 */
export async function showCommand(
  text: string,
  options: ShowOptions,
  surroundings: Surroundings,
): Promise<number> {
  const store = lookIntoStore(surroundings.root, options);
  const records = new EarlierRecords(store);
  const artifact = await storedArtifact(text, { store, records }, options, surroundings);
  if (options.format !== undefined) {
    const { exportedArtifact, writeExport } = await import("./export_provenance.ts");
    return await writeExport(exportedArtifact(artifact, store, records), options, store);
  }
  const provenance = traceProvenance(artifact, records, artifact.preferred);
  print(
    options.json
      ? JSON.stringify(provenance, null, 2) + "\n"
      : renderProvenance(provenance, { code: options.code ?? false }, surroundings.colors),
  );
  return 0;
}
