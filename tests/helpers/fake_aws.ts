/**
 * Plays `aws batch` for tests: takes definitions and jobs, and runs a job's very command at once, on
 * this machine. It refuses what it does not know, and fails what waits for a job that has failed.
 *
 * What it knows lies in the folder that `FAKE_AWS` names: `definitions/NAME`, `jobs/ID`.
 *
 * @module
 */
import { join } from "node:path";

const folder = Deno.env.get("FAKE_AWS") ?? "";
const [service, operation, ...words] = Deno.args;
const options: Record<string, string[]> = {};
let values: string[] = [];
for (const word of words) {
  if (word.startsWith("--")) options[word] = values = [];
  else values.push(word);
}
const [text] = options["--cli-input-json"];
const request = JSON.parse(
  text.startsWith("file://") ? Deno.readTextFileSync(text.slice("file://".length)) : text,
);
for (const kind of ["definitions", "jobs"]) Deno.mkdirSync(join(folder, kind), { recursive: true });

switch (`${service} ${operation}`) {
  case "batch register-job-definition":
    write("definitions", request.jobDefinitionName, request);
    console.log(JSON.stringify({ revision: 1 }));
    break;
  case "batch submit-job": {
    const definition = read("definitions", request.jobDefinition);
    const ids = (options["--depends-on"] ?? []).map((word) => word.replace(/^jobId=/, ""));
    const failed = ids.some((id) => read("jobs", id).code !== 0);
    const id = String([...Deno.readDirSync(join(folder, "jobs"))].length + 1);
    write("jobs", id, { name: request.jobName, code: failed ? null : run(definition) });
    console.log(options["--query"]?.[0] === "jobId" ? id : JSON.stringify({ jobId: id }));
    break;
  }
  default:
    throw new Error(`Unknown operation ${service} ${operation}`);
}

interface Definition {
  containerProperties: { environment: { name: string; value: string }[] };
}

function run({ containerProperties: { environment } }: Definition): number {
  const [program, ...args] = request.containerOverrides.command;
  const { code } = new Deno.Command(program, {
    args,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      ...Object.fromEntries(environment.map(({ name, value }) => [name, value])),
    },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).outputSync();
  return code;
}

function write(kind: string, name: string, value: unknown): void {
  Deno.writeTextFileSync(join(folder, kind, name), JSON.stringify(value));
}

function read(kind: string, name: string) {
  return JSON.parse(Deno.readTextFileSync(join(folder, kind, name)));
}
