/**
 * Requests of AWS Batch, checked by the types of its client, and by what this sends of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BatchClient,
  RegisterJobDefinitionCommand,
  type RegisterJobDefinitionCommandInput,
  SubmitJobCommand,
  type SubmitJobCommandInput,
} from "@aws-sdk/client-batch";
import { awsBatchJobs, type AwsBatchPlace } from "../../../runner/manifests/aws_batch.ts";
import { submitScript } from "../../../runner/manifests/submit_script.ts";
import { containerWith } from "./container.ts";

const PLACE: AwsBatchPlace = {
  image: "denoland/deno:2.9.6",
  queue: "gpu-spot",
  volumes: [
    { efs: "fs-0123", root: "/ours", path: "/shared" },
    { host: "/mnt/voc", path: "/data" },
  ],
  container: { jobRoleArn: "arn:aws:iam::1:role/sr4ir", user: "1000" },
};

function jobOf(given: Parameters<typeof containerWith>[0] = {}, place = PLACE) {
  const job = containerWith(given);
  return { job: { ...job, memory: job.memory ?? 2 ** 30 }, place };
}

Deno.test("a stage becomes a definition and a request with all that it asks for", () => {
  const [{ definition: { jobDefinitionName, ...definition }, request, after }] = awsBatchJobs(
    "det_coco",
    [jobOf()],
    5,
  );
  assert.match(jobDefinitionName, /^det-coco-[0-9a-f]{10}$/);
  assert.deepEqual(definition, {
    type: "container",
    containerProperties: {
      linuxParameters: { initProcessEnabled: true },
      jobRoleArn: "arn:aws:iam::1:role/sr4ir",
      user: "1000",
      image: "denoland/deno:2.9.6",
      environment: [{ name: "HOME", value: "/shared/home" }],
      resourceRequirements: [
        { type: "VCPU", value: "8" },
        { type: "MEMORY", value: "32769" },
        { type: "GPU", value: "2" },
      ],
      volumes: [
        {
          name: "volume-1",
          efsVolumeConfiguration: {
            fileSystemId: "fs-0123",
            rootDirectory: "/ours",
            transitEncryption: "ENABLED",
          },
        },
        { name: "volume-2", host: { sourcePath: "/mnt/voc" } },
      ],
      mountPoints: [
        { sourceVolume: "volume-1", containerPath: "/shared" },
        { sourceVolume: "volume-2", containerPath: "/data" },
      ],
    },
    retryStrategy: {
      attempts: 9,
      evaluateOnExit: [
        { onStatusReason: "Host EC2*", action: "RETRY" },
        { onExitCode: "1", action: "EXIT" },
        { onExitCode: "2", action: "EXIT" },
        { onReason: "*", action: "RETRY" },
      ],
    },
    timeout: { attemptDurationSeconds: 7350 },
  });
  const { jobName, ...rest } = request;
  assert.match(jobName, /^det-coco-train-edsr-4-[0-9a-f]{10}$/);
  assert.deepEqual(rest, {
    jobQueue: "gpu-spot",
    jobDefinition: jobDefinitionName,
    containerOverrides: { command: containerWith().command },
  });
  assert.deepEqual(after, []);
});

Deno.test("limits stay within those of AWS Batch", () => {
  const [{ definition }] = awsBatchJobs("p", [jobOf({ retries: 8, seconds: 20 })], 5);
  assert.deepEqual(
    [definition.retryStrategy.attempts, definition.timeout?.attemptDurationSeconds],
    [10, 60],
  );
});

Deno.test("stages that want the same share a definition; each waits for the jobs it needs", () => {
  const jobs = awsBatchJobs("p", [
    jobOf({ id: "a" }),
    jobOf({ id: "b", cpu: 1 }),
    jobOf({ id: "c", needs: ["b", "a"] }),
  ], 0);
  const [a, b, c] = jobs.map(({ definition }) => definition.jobDefinitionName);
  assert.equal(a, c);
  assert.notEqual(a, b);
  const names = jobs.map(({ request }) => request.jobName);
  assert.deepEqual(jobs.map(({ after }) => after), [[], [], [names[1], names[0]]]);
  const script = submitScript("p", jobs);
  assert.equal(script.match(/register-job-definition/g)?.length, 2);
  assert.match(script, /^ {2}--depends-on "jobId=\$job_2" "jobId=\$job_1" \\$/m);
});

Deno.test({
  name: "the client of AWS Batch sends every field of the requests: it knows them all",
  async fn() {
    const [{ definition, request }] = awsBatchJobs("p", [jobOf()], 5);
    const register: RegisterJobDefinitionCommandInput = definition;
    const submit: SubmitJobCommandInput = { ...request, dependsOn: [{ jobId: "1" }] };
    const bodies = await sentBy(async (client) => {
      await client.send(new RegisterJobDefinitionCommand(register));
      await client.send(new SubmitJobCommand(submit));
      // What the model does not know is left out.
      const odd: unknown = { ...submit, qeue: "x" };
      await client.send(new SubmitJobCommand(odd as SubmitJobCommandInput));
    });
    assert.deepEqual(bodies, [register, submit, submit]);
  },
});

/** The bodies of what a client sends to a server of our own. */
async function sentBy(use: (client: BatchClient) => Promise<void>): Promise<unknown[]> {
  const bodies: unknown[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      bodies.push(await request.json());
      return Response.json({});
    },
  );
  const client = new BatchClient({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    credentials: { accessKeyId: "none", secretAccessKey: "none" },
    maxAttempts: 1,
  });
  try {
    await use(client);
  } finally {
    client.destroy();
  }
  return bodies;
}
