/**
 * nginx as a remote cache, for tests against a real server. Where it is not installed they are left out.
 *
 * @module
 */
import { accessSync, constants } from "node:fs";

/** How a server is set up. */
export interface NginxOptions {
  /** Ask for this user and password. */
  credentials?: { user: string; password: string };
  /** Refuse writes. */
  readOnly?: boolean;
  /** Largest file that it takes, in nginx's words; 0 for any. */
  largest?: string;
  /** Speed of downloads in nginx's words, e.g. `1k` bytes a second. */
  rate?: string;
}

/** A server; ends when disposed of. */
export interface Nginx extends AsyncDisposable {
  url: string;
  /** Folder of what it keeps. */
  data: string;
}

/** Path of the program; undefined where there is none. */
export const NGINX = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx"]
  .find(isProgram);

/** Starts a server on a free port of this machine. */
export async function nginx(options: NginxOptions = {}): Promise<Nginx> {
  if (NGINX === undefined) throw new Error("nginx is not installed");
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "nginx-" }));
  for (const name of ["data/ac", "data/cas", "body", "other"]) {
    Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
  }
  const port = freePort();
  Deno.writeTextFileSync(`${folder}/nginx.conf`, configuration(folder, port, options));
  const { credentials } = options;
  if (credentials) {
    const { user, password } = credentials;
    Deno.writeTextFileSync(`${folder}/users`, `${user}:{PLAIN}${password}\n`);
  }
  const process = new Deno.Command(NGINX, {
    args: ["-e", `${folder}/error.log`, "-p", folder, "-c", `${folder}/nginx.conf`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  await untilItAnswers(port, process.status);
  return {
    url: `http://127.0.0.1:${port}`,
    data: `${folder}/data`,
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await process.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function configuration(folder: string, port: number, options: NginxOptions): string {
  const { credentials, readOnly = false, largest = "0", rate } = options;
  return `
${Deno.uid() === 0 ? "user root;" : ""}
daemon off;
master_process off; # one process, which goes at once when it is told to
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  ${["proxy", "fastcgi", "uwsgi", "scgi"].map((x) => `${x}_temp_path ${folder}/other;`).join(" ")}
  default_type application/octet-stream;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/data;
    client_max_body_size ${largest};
    ${rate === undefined ? "" : `limit_rate ${rate};`}
    ${credentials ? `auth_basic cache; auth_basic_user_file ${folder}/users;` : ""}
    location ~ "^/(ac|cas)/[0-9a-f]{64}$" {
      ${readOnly ? "" : "dav_methods PUT; create_full_put_path on;"}
    }
    location / { return 404; }
  }
}
`;
}

function freePort(): number {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return listener.addr.port;
}

/** Milliseconds between two attempts to connect, and how many there are. */
const ATTEMPT = { every: 20, times: 500 };

async function untilItAnswers(port: number, ended: Promise<Deno.CommandStatus>): Promise<void> {
  let code: number | undefined;
  void ended.then((status) => code = status.code);
  for (let n = 0; n < ATTEMPT.times && code === undefined; n++) {
    try {
      using _ = await Deno.connect({ port, hostname: "127.0.0.1" });
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, ATTEMPT.every));
    }
  }
  throw new Error(`nginx does not answer; it ended with ${code ?? "nothing yet"}`);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not here
  }
}
