/**
 * A real Slurm of one node on this machine, for tests; or to play with:
 * `deno run -A tests/helpers/slurm.ts` starts one, says how to reach it, and ends it on Ctrl-C.
 *
 * Needs the packages `slurm-wlm` and `munge` of Debian, and root; no systemd, no network.
 *
 * @module
 */
import { join } from "node:path";

/** A cluster at work; ends, with all its jobs, when disposed of. */
export interface Slurm extends AsyncDisposable {
  /** What a program needs to know to talk to it. */
  env: Record<string, string>;
  /** Runs one of Slurm's commands. @returns what it printed @throws {Error} if it fails */
  call(program: string, ...args: string[]): Promise<string>;
}

const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "setpriv"];

/** Why no cluster can be started here; undefined if one can. */
export function whyNoSlurm(): string | undefined {
  if (Deno.build.os !== "linux") return "Slurm runs on Linux";
  const missing = PROGRAMS.filter((program) => findProgram(program) === undefined);
  if (missing.length > 0) return `${missing.join(", ")} not installed`;
  return Deno.uid() === 0 ? undefined : "starting Slurm needs root";
}

function findProgram(name: string): string | undefined {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** Processors and megabytes that the node claims to have, whatever is really there. */
const CPUS = 8;
const MEMORY = 8192;

/** Starts a cluster and waits until its node takes jobs. */
export async function startSlurm(): Promise<Slurm> {
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "slurm-" }));
  Deno.chmodSync(folder, 0o755);
  const socket = join(folder, "munge.sock");
  const conf = join(folder, "slurm.conf");
  Deno.mkdirSync(join(folder, "state"));
  Deno.mkdirSync(join(folder, "spool"));
  Deno.writeFileSync(join(folder, "munge.key"), crypto.getRandomValues(new Uint8Array(1024)), {
    mode: 0o400,
  });
  const [controller, node] = freePorts(2);
  const gpus = makeGpus(folder);
  Deno.writeTextFileSync(join(folder, "gres.conf"), gpus.config);
  Deno.writeTextFileSync(join(folder, "cgroup.conf"), "CgroupAutomount=no\nConstrainCores=no\n");
  Deno.writeTextFileSync(
    conf,
    configuration({ folder, socket, controller, node, gres: gpus.gres }),
  );

  const env = { SLURM_CONF: conf };
  const daemons: Deno.ChildProcess[] = [];
  const daemon = (name: string, ...args: string[]) => {
    const program = findProgram(name) ?? name;
    const log = JSON.stringify(join(folder, `${name}.out`));
    daemons.push(
      new Deno.Command("setpriv", {
        // Who dies without a word, as a test that is killed, leaves nobody behind.
        args: ["--pdeathsig=TERM", "sh", "-c", `exec "$@" >${log} 2>&1`, "sh", program, ...args],
        env,
        stdin: "null",
      }).spawn(),
    );
  };
  const call = async (program: string, ...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(program, { args, env }).output();
    const text = new TextDecoder().decode(stdout);
    if (code === 0) return text;
    throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  };
  const end = async () => {
    await call("scancel", `--user=${Deno.uid()}`).catch(() => {});
    await until(async () => (await call("squeue", "--noheader").catch(() => "")).trim() === "", 10);
    for (const process of daemons.reverse()) {
      try {
        process.kill("SIGTERM");
      } catch {
        // Gone by itself.
      }
      await process.status;
    }
    await Deno.remove(folder, { recursive: true });
  };

  try {
    daemon(
      "munged",
      "--foreground",
      "--force",
      `--socket=${socket}`,
      ...["key", "seed", "log"].map((kind) => `--${kind}-file=${join(folder, `munge.${kind}`)}`),
      `--pid-file=${join(folder, "munge.pid")}`,
    );
    await expectUntil("munged", folder, () => Promise.resolve(exists(socket)));
    daemon("slurmctld", "-D", "-f", conf);
    await expectUntil("slurmctld", folder, () => succeeds(call("scontrol", "ping")));
    daemon("slurmd", "-D", "-N", "localhost", "-f", conf);
    await expectUntil(
      "slurmd",
      folder,
      async () => /^idle/.test(await call("sinfo", "-h", "-N", "-o", "%T").catch(() => "")),
    );
  } catch (error) {
    await end();
    throw error;
  }
  return { env, call, [Symbol.asyncDispose]: end };
}

interface Settings {
  folder: string;
  socket: string;
  controller: number;
  node: number;
  gres: string;
}

function configuration({ folder, socket, controller, node, gres }: Settings): string {
  const host = Deno.hostname().split(".")[0];
  return `
ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${socket}
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort=${controller}
SlurmdPort=${node}
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill,NoShared
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
KillWait=5
InactiveLimit=0
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=10000,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
GresTypes=gpu
PreemptMode=REQUEUE
PreemptType=preempt/partition_prio
AccountingStorageType=accounting_storage/none
DefMemPerCPU=256
NodeName=localhost NodeAddr=127.0.0.1 NodeHostname=${host} CPUs=${CPUS} RealMemory=${MEMORY} ${gres} State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES MaxTime=INFINITE State=UP PriorityTier=2
PartitionName=low Nodes=localhost Default=NO MaxTime=INFINITE State=UP PriorityTier=1
`;
}

/** Two devices that nothing opens; a machine that lets nobody make any has none. */
function makeGpus(folder: string): { config: string; gres: string } {
  const files = [0, 1].map((i) => join(folder, `gpu${i}`));
  for (const [i, file] of files.entries()) {
    // 240 is the kernel's range for local use.
    const { success } = new Deno.Command("mknod", { args: [file, "c", "240", String(i)] })
      .outputSync();
    if (!success) return { config: "", gres: "" };
  }
  return {
    config: `AutoDetect=off\n${files.map((file) => `Name=gpu File=${file}\n`).join("")}`,
    gres: `Gres=gpu:${files.length}`,
  };
}

function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  listeners.forEach((listener) => listener.close());
  return ports;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return await work.then(() => true, () => false);
}

async function expectUntil(
  daemon: string,
  folder: string,
  look: () => Promise<boolean>,
): Promise<void> {
  if (await until(look, 30)) return;
  const said = exists(join(folder, `${daemon}.out`))
    ? Deno.readTextFileSync(join(folder, `${daemon}.out`)).slice(-2000)
    : "";
  throw new Error(`${daemon} did not start:\n${said}`);
}

async function until(look: () => Promise<boolean>, seconds: number): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    if (await look()) return true;
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

if (import.meta.main) {
  const reason = whyNoSlurm();
  if (reason !== undefined) {
    console.error(`Cannot start Slurm: ${reason}`);
    Deno.exit(1);
  }
  await using slurm = await startSlurm();
  console.log(`export SLURM_CONF=${slurm.env.SLURM_CONF}`);
  await new Promise<void>((resolve) => {
    Deno.addSignalListener("SIGINT", resolve);
    Deno.addSignalListener("SIGTERM", resolve);
  });
}
