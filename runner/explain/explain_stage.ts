/**
 * Why a stage would run, or is what it is: what differs from an earlier result, field by field, and
 * where inputs differ the same of the stages that they come from.
 *
 * @module
 */
import { type Difference, findDifferences } from "../plan/differences.ts";
import { namesOf, type PlanContext } from "../plan/plan.ts";
import type { KeyMaterial, PlannedStage } from "../plan/record.ts";
import { type Earlier, EarlierRecords, type Kinship } from "./earlier_records.ts";

/** What is said of one stage. */
export interface Explanation {
  id: string;
  uses: string;
  /** `waits`: its inputs, and so its key, are not known before other stages have run. */
  status: "hit" | "would-run" | "waits";
  key: string | null;
  /** What `plan` says. */
  reason: string;
  /** What it is compared with; absent if there is nothing. */
  comparedWith?: {
    key: string;
    kinship: Kinship;
    madeBy: { pipeline: string; id: string };
    startedAt: string;
    seconds: number;
  };
  /** Without those of inputs that are not known yet. */
  differences: Difference[];
  /** The stages that inputs which differ, or are not known yet, come from. */
  upstream: Explanation[];
}

/** Explains stages of one plan. */
export class Explainer {
  readonly #records: EarlierRecords;
  readonly #planned: Map<string, PlannedStage>;

  constructor(planned: PlannedStage[], readonly context: PlanContext) {
    this.#records = new EarlierRecords(context.store);
    this.#planned = new Map(planned.map((each) => [each.instance.id, each]));
  }

  /** Explains one stage of the plan. @throws {RangeError} if it is not in it */
  explain(id: string): Explanation {
    return this.#explain(id, undefined, new Set());
  }

  /**
   * @param against what to compare with; default: the nearest
   * @param above stages that are explained already, which is said only once
   */
  #explain(id: string, against: Earlier | undefined, above: Set<string>): Explanation {
    const planned = this.#planned.get(id);
    if (planned === undefined) throw new RangeError(`Cannot explain ${id}: not in the plan`);
    above.add(id);
    const { instance, reason } = planned;
    const { history, pipeline, store } = this.context;
    const key = planned.status === "unknown" ? undefined : planned.key;
    const own = planned.status === "hit" ? planned.record.material : planned.material;
    const last = history.get(id);
    const earlier = against ??
      this.#records.nearest({ pipeline, id, key, material: own, last });
    const was = earlier?.record.material;
    // What is not known yet must not look as if it were gone.
    const material: KeyMaterial = planned.status === "unknown" && was
      ? { ...own, inputs: was.inputs }
      : own;
    const differences = was ? findDifferences(was, material, namesOf(instance, store)) : [];
    const sources = planned.status === "unknown"
      ? planned.waitsFor.map((id): [string, undefined] => [id, undefined])
      : differences.flatMap((difference) => this.#sourcesOf(difference, planned));
    return {
      id,
      uses: instance.uses,
      status: planned.status === "unknown" ? "waits" : planned.status,
      key: key ?? null,
      reason,
      ...(earlier && { comparedWith: describeEarlier(earlier) }),
      differences,
      upstream: sources.filter(([id]) => !above.has(id)).map(([id, digest]) =>
        this.#explain(id, digest === undefined ? undefined : this.#makerOf(id, digest), above)
      ),
    };
  }

  /** The stage that an input which differs comes from, and the folder that it was before. */
  #sourcesOf(difference: Difference, { instance }: PlannedStage): [string, string | undefined][] {
    if (difference.kind !== "input" || difference.change !== "changed") return [];
    const { name, of, before } = difference;
    const refs = instance.inputs[name] ?? [];
    const from = of === undefined ? refs : refs.filter(({ id, as = id }) => as === of);
    return from.slice(0, 1).map(({ id }) => [id, before]);
  }

  /** The result that has made a folder: of this stage, if there is one. */
  #makerOf(id: string, digest: string): Earlier | undefined {
    const makers = this.#records.makersOf(digest);
    const own = makers.findLast(({ madeBy }) =>
      madeBy.pipeline === this.context.pipeline && madeBy.id === id
    );
    const record = own ?? makers.at(-1);
    return record && { record, kinship: own ? "earlier" : "similar" };
  }
}

function describeEarlier({ record, kinship }: Earlier): NonNullable<Explanation["comparedWith"]> {
  const { key, madeBy, startedAt, seconds } = record;
  return { key, kinship, madeBy, startedAt, seconds };
}
