/**
 * A run as a stream of events for programs: one JSON object in a line, as soon as it happens. What
 * `run --events` prints; docs/runner.md describes every event.
 *
 * @module
 */
import type { RunEvent } from "../execute/run_event.ts";
import type { StageCheck } from "../check/outcome_text.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import type { RunDocument } from "./document.ts";
import type { View } from "./view.ts";

/** One line. */
export type EventLine = EventStamp & StreamEvent;

/** What every line has. */
export interface EventStamp {
  /** Changes when a field changes its meaning or goes; new fields and events do not change it. */
  format: 1;
  /** UTC, ISO 8601. */
  at: string;
}

/** What may happen. The first line is `begin`; without an `end` the runner was killed. */
export type StreamEvent = RunBegin | RunEvent | RunEnd;

/** The run begins. */
export interface RunBegin {
  type: "begin";
  /** Id of the run. */
  run: string;
  pipeline: string;
  file: string;
  profile: string;
  params: Record<string, unknown>;
  /** In an order in which every stage comes after what it needs. */
  stages: {
    id: string;
    uses: string;
    /** Ids of equal stages, which this one stands for. */
    aliases: string[];
    /** Ids of stages whose outputs it takes. */
    needs: string[];
  }[];
}

/** The run has ended; all that `--json` prints, and `seconds`. */
export interface RunEnd extends RunDocument {
  type: "end";
  run: string;
  seconds: number;
  /** What `--check` and `--check-resume` have found; absent without them. */
  checks?: StageCheck[];
}

/** Writes events as they come. */
export class EventWriter {
  /** @param print takes a line with its end */
  constructor(readonly print: (line: string) => void) {}

  /** Writes one, with the time. */
  write(event: StreamEvent): void {
    const line: EventLine = { format: 1, at: new Date().toISOString(), ...event };
    this.print(JSON.stringify(line) + "\n");
  }

  /** A view that has all that it shows written as well. */
  beside(view: View): View {
    return {
      show: (event) => {
        this.write(event);
        view.show(event);
      },
      close: () => view.close(),
    };
  }
}

/** The first event. */
export function runBegin(run: string, { name, file, profile, params, stages }: Pipeline): RunBegin {
  return {
    type: "begin",
    run,
    pipeline: name,
    file,
    profile,
    params,
    stages: stages.map(({ id, uses, aliases, inputs }) => ({
      id,
      uses,
      aliases,
      needs: [...new Set(Object.values(inputs).flat().map((reference) => reference.id))],
    })),
  };
}
