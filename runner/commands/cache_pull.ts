/**
 * `cache pull`: fetch the results of a pipeline that the remote cache has.
 *
 * @module
 */
import { sharedResults } from "../execute/shared_results.ts";
import { planShared } from "../plan/plan_shared.ts";
import { chooseView } from "../ui/choose.ts";
import { count } from "../ui/format.ts";
import { watchInterrupts } from "./interrupt.ts";
import { type PlanOptions, print, printError, type Surroundings } from "./options.ts";
import { requireRemote } from "./remote.ts";
import { openSession } from "./session.ts";

/** Fetches results. @returns the exit code */
export async function cachePullCommand(
  file: string,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<number> {
  const { pipeline, context, store } = await openSession(file, options, surroundings, {
    write: true,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  using _store = store;
  using watch = watchInterrupts(() => {});
  const view = chooseView({
    ids: pipeline.stages.map(({ id }) => id),
    colors: surroundings.colors,
    write: printError,
    quiet: false,
    terminal: Deno.stderr.isTerminal(),
  });
  const notify = (text: string) => view.show({ type: "notice", text });
  const here: string[] = [];
  const fetched: string[] = [];
  const missing: string[] = [];
  let answers: boolean;
  try {
    using remote = await requireRemote(options, { store, notify, stop: watch.stop });
    const shared = sharedResults(remote, {
      stages: pipeline.stages,
      download: "all",
      emit: (event) => view.show(event),
    });
    const planned = await planShared(pipeline, context, (stage) => shared.fetch(stage));
    for (const { instance: { id }, ...fate } of planned) {
      if (fate.status !== "hit") missing.push(id);
      else if (fate.remote) fetched.push(id);
      else here.push(id);
    }
    answers = remote.answers;
  } finally {
    view.close();
  }
  const tell = options.json ? printError : print;
  const parts = [
    `${count(fetched.length, "result")} fetched`,
    ...(here.length > 0 ? [`${here.length} here already`] : []),
    ...(missing.length > 0 ? [`${missing.length} would have to be made`] : []),
  ];
  tell(`${parts.join(", ")}\n`);
  if (options.json) print(JSON.stringify({ fetched, here, missing }, null, 2) + "\n");
  if (watch.stop.aborted) return watch.exitCode;
  return answers ? 0 : 1;
}
