/**
 * A run that has not ended, or was killed: what its notes tell of it.
 *
 * @module
 */
import type { Pipeline } from "../pipeline/instance.ts";
import { lifeOf, nameOf, ownerOf, thisOwner } from "../store/owner.ts";
import type { RunFacts, RunRecord, RunStage } from "./run_record.ts";

/** How a stage ended, as a line of the notes. */
export interface StageNote {
  id: string;
  status: "hit" | "ran" | "failed" | "skipped";
  seconds: number;
  /** UTC, ISO 8601. */
  at: string;
}

/** The first line of the notes. */
interface Beginning {
  format: 1;
  /** The process that runs it; see `store/owner.ts`. */
  owner: string;
  facts: Omit<RunFacts, "endedAt">;
  stages: Pick<RunStage, "id" | "uses" | "aliases">[];
}

/** Returns the first line. */
export function encodeBeginning(facts: Beginning["facts"], { stages }: Pipeline): string {
  const beginning: Beginning = {
    format: 1,
    owner: nameOf(thisOwner()),
    facts,
    stages: stages.map(({ id, uses, aliases }) => ({ id, uses, aliases })),
  };
  return JSON.stringify(beginning) + "\n";
}

/** Returns one further line for each. */
export function encodeNotes(notes: StageNote[]): string {
  return notes.map((note) => JSON.stringify(note) + "\n").join("");
}

/** Makes a manifest of the notes; undefined if they cannot be read. */
export function readOpenRunRecord(text: string): RunRecord | undefined {
  const [beginning, ...notes] = text.split("\n").flatMap(parse);
  if (!isBeginning(beginning)) return undefined;
  const owner = ownerOf(beginning.owner);
  const isKilled = owner === undefined || lifeOf(owner) === "dead";
  const done = new Map(notes.filter(isNote).map((note) => [note.id, note]));
  const { facts } = beginning;
  const endedAt = [...done.values()].map(({ at }) => at).sort().at(-1) ?? facts.startedAt;
  return {
    format: 1,
    ...facts,
    endedAt,
    seconds: (Date.parse(endedAt) - Date.parse(facts.startedAt)) / 1000,
    status: isKilled ? "killed" : "running",
    stages: beginning.stages.map((stage) => {
      const note = done.get(stage.id);
      const isOver = note?.status === "ran" || note?.status === "failed";
      return {
        ...stage,
        status: note?.status ?? "skipped",
        key: null,
        reason: isKilled ? "the run was killed" : "the run has not ended yet",
        seconds: note?.seconds ?? 0,
        outputs: {},
        metrics: {},
        attempts: isOver ? 1 : 0,
      };
    }),
  };
}

/** The last line may be torn. */
function parse(line: string): unknown[] {
  try {
    return line === "" ? [] : [JSON.parse(line)];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function isBeginning(value: unknown): value is Beginning {
  return typeof value === "object" && value !== null && "format" in value && value.format === 1 &&
    "owner" in value && "facts" in value && "stages" in value;
}

function isNote(value: unknown): value is StageNote {
  return typeof value === "object" && value !== null && "id" in value && "status" in value &&
    "at" in value;
}
