/**
 * `run --logs`: the whole log of every stage, also of those whose result was stored.
 *
 * @module
 */
import type { RunEvent } from "../execute/run_event.ts";
import { LineCutter, LogReader, type LogStore } from "../runs/stage_log.ts";
import type { View } from "./view.ts";

/** A view that shows each log at once, when its stage has ended or was found stored. */
export function withLogs(view: View, store: LogStore): View {
  const keys = new Map<string, string>(); // by id

  const pathOf = (event: RunEvent): string | undefined => {
    if (event.type === "failed") return event.log;
    if (event.type !== "hit" && event.type !== "ran") return undefined;
    const key = event.type === "hit" ? event.key : keys.get(event.id);
    const record = key === undefined ? undefined : store.peekRecord(key);
    return record && store.objectPath(record.log);
  };

  return {
    show(event) {
      if (event.type === "started" && event.key !== undefined) keys.set(event.id, event.key);
      if (event.type === "log") return; // its line is in the whole log, too
      view.show(event);
      const path = pathOf(event);
      if (path === undefined || !("id" in event)) return;
      const { id } = event;
      const cutter = new LineCutter((line) => view.show({ type: "log", id, line }));
      new LogReader().read(path, (text) => cutter.add(text));
      cutter.end();
    },
    close: () => view.close(),
  };
}
