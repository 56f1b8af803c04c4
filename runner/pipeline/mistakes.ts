/**
 * Collects mistakes while a pipeline is read, so that all of them are shown together.
 *
 * @module
 */
import { type Diagnostic, type Place, UserError } from "../diagnostic.ts";
import type { Source, Step } from "./source.ts";

/** Where a mistake is, in terms of the data; turned into line and column only when it is shown. */
export interface At {
  /** Path in the merged document, or in `source` if that is given. */
  path: Step[];
  /** Default: the value. */
  on?: "key" | "value";
  /** A text inside the value to point at. */
  within?: string;
  source?: Source;
  /** Values of the matrix cell it happened in: they lead from an indexed reference to its data. */
  cell?: Record<string, unknown> | undefined;
}

/** A place, or what leads to one: only a mistake that is shown has it looked up. */
export type Where = At | Place | (() => Promise<Place>);

/** A mistake whose place may still have to be looked up. */
export interface Mistake extends Omit<Diagnostic, "place"> {
  at: Where | undefined;
}

/** A growing list of mistakes. */
export class Mistakes {
  #list: Mistake[] = [];

  /** Compare two readings to learn whether something went wrong in between. */
  get count(): number {
    return this.#list.length;
  }

  /** Adds one. `undefined` hints and notes are left out. */
  add(
    message: string,
    at: Where | undefined,
    more: { hint?: string | undefined; notes?: (string | undefined)[] | undefined } = {},
  ): void {
    const { hint } = more;
    const notes = more.notes?.filter((note) => note !== undefined);
    this.#list.push({
      message,
      at,
      ...(hint === undefined ? {} : { hint }),
      ...(notes === undefined ? {} : { notes }),
    });
  }

  /**
   * @param find looks up a place; called only if there is something to show
   * @throws {UserError} with every mistake, if there is any
   */
  async throwIfAny(find: (at: At) => Promise<Place>): Promise<void> {
    if (this.#list.length === 0) return;
    // Stages that take the same value, and the cells of a matrix, repeat what is wrong with it.
    const found = new Map<string, { diagnostic: Diagnostic; stages: Set<string> }>();
    for (const { at, ...rest } of this.#list) {
      const place = await placeOf(at, find);
      const stage = STAGE.exec(rest.message)?.[1];
      const identity = JSON.stringify([rest.message.replace(STAGE, ""), rest.hint, place]);
      const known = found.get(identity);
      if (known) {
        if (stage !== undefined) known.stages.add(stage);
        continue;
      }
      const diagnostic = place ? { ...rest, place } : rest;
      found.set(identity, { diagnostic, stages: new Set(stage === undefined ? [] : [stage]) });
    }
    const diagnostics = [...found.values()].map(({ diagnostic, stages: [, ...others] }) => {
      if (others.length === 0) return diagnostic;
      const also = `also in stage ${others.map((name) => `"${name}"`).join(", ")}`;
      return { ...diagnostic, notes: [...diagnostic.notes ?? [], also] };
    });
    throw new UserError(inReadingOrder(diagnostics));
  }
}

async function placeOf(
  at: Where | undefined,
  find: (at: At) => Promise<Place>,
): Promise<Place | undefined> {
  if (typeof at === "function") return await at();
  return at && "path" in at ? await find(at) : at;
}

/** How a message names the stage it speaks of. */
const STAGE = /stage "([^"]+)"/;

/** By file in order of appearance, arguments first; within a file from top to bottom. */
function inReadingOrder(diagnostics: Diagnostic[]): Diagnostic[] {
  const files = [...new Set(diagnostics.map(({ place }) => place?.file))];
  const rank = ({ place }: Diagnostic) =>
    place?.file === undefined ? -1 : files.indexOf(place.file);
  return diagnostics.toSorted((a, b) =>
    rank(a) - rank(b) ||
    (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
    (a.place?.column ?? 0) - (b.place?.column ?? 0)
  );
}
