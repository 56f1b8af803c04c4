/**
 * Jobs of Kubernetes, checked by its own types and OpenAPI schema.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CORE_SCHEMA, loadAll, YAML11_SCHEMA } from "js-yaml";
import { type IJob, Job } from "kubernetes-models/batch/v1";
import { kubernetesJob, type KubernetesPlace } from "../../../runner/manifests/kubernetes.ts";
import { kubernetesOutput } from "../../../runner/manifests/output.ts";
import { containerWith } from "./container.ts";

const PLACE: KubernetesPlace = {
  image: "denoland/deno:2.9.6",
  namespace: "vision",
  volumes: [
    { claim: "shared", path: "/shared" },
    { claim: "data", path: "/data", sub_path: "voc" },
    { claim: "shared", path: "/home", sub_path: "home" },
  ],
  node_selector: { "node.kubernetes.io/instance-type": "a100" },
  pod: { priorityClassName: "low", tolerations: [{ key: "gpu", operator: "Exists" }] },
  container: { imagePullPolicy: "Always" },
};

/** @throws {Error} for what the schema of `batch/v1` does not take */
function validate(job: IJob): void {
  new Job(job).validate();
}

Deno.test("a stage becomes a Job with all that it asks for", () => {
  const job = kubernetesJob("det_coco", containerWith(), PLACE);
  const labels = {
    "app.kubernetes.io/managed-by": "sr4ir",
    "app.kubernetes.io/part-of": "det-coco",
  };
  const amounts = { cpu: "8", memory: "32769Mi", "nvidia.com/gpu": "2" };
  assert.match(job.metadata.name, /^det-coco-train-edsr-4-[0-9a-f]{10}$/);
  // Written out, so that every field is checked to be one that Kubernetes knows.
  const expected: IJob = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: job.metadata.name,
      namespace: "vision",
      labels,
      annotations: { "sr4ir/stage": "train/edsr/4", "sr4ir/key": "ab".repeat(32) },
    },
    spec: {
      backoffLimit: 3,
      podFailurePolicy: {
        rules: [
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
          { action: "Ignore", onExitCodes: { operator: "In", values: [130, 143] } },
          { action: "FailJob", onExitCodes: { operator: "In", values: [1, 2] } },
        ],
      },
      template: {
        metadata: { labels },
        spec: {
          priorityClassName: "low",
          tolerations: [{ key: "gpu", operator: "Exists" }],
          restartPolicy: "Never",
          activeDeadlineSeconds: 7350,
          terminationGracePeriodSeconds: 315,
          nodeSelector: { "node.kubernetes.io/instance-type": "a100" },
          containers: [{
            imagePullPolicy: "Always",
            name: "stage",
            image: "denoland/deno:2.9.6",
            command: containerWith().command,
            env: [{ name: "HOME", value: "/shared/home" }],
            resources: { requests: amounts, limits: amounts },
            volumeMounts: [
              { name: "volume-1", mountPath: "/shared" },
              { name: "volume-2", mountPath: "/data", subPath: "voc" },
              { name: "volume-1", mountPath: "/home", subPath: "home" },
            ],
          }],
          volumes: [
            { name: "volume-1", persistentVolumeClaim: { claimName: "shared" } },
            { name: "volume-2", persistentVolumeClaim: { claimName: "data" } },
          ],
        },
      },
    },
  };
  assert.deepEqual(job, expected);
});

Deno.test("Jobs are what the schema of batch/v1 takes", () => {
  const least: KubernetesPlace = { image: "deno", volumes: [{ claim: "c", path: "/s" }] };
  const job: IJob = kubernetesJob("p", containerWith(), PLACE);
  validate(job);
  validate(kubernetesJob(
    "p",
    containerWith({ memory: undefined, seconds: undefined, gpu: 0, key: undefined }),
    least,
  ));
  // The schema is one that finds something.
  const broken: unknown = { ...job, spec: { ...job.spec, backoffLimit: "3" } };
  assert.throws(() => new Job(broken as IJob).validate(), /backoffLimit must be integer/);
});

Deno.test("what a variable of Kubernetes looks like stays as it was written", () => {
  const { spec } = kubernetesJob(
    "p",
    containerWith({ command: ["run", "a=$(HOME)/x"], env: { A: "$(B)", C: "$D" } }),
    PLACE,
  );
  const [{ command, env }] = spec.template.spec.containers;
  assert.deepEqual(command, ["run", "a=$$(HOME)/x"]);
  assert.deepEqual(env, [{ name: "A", value: "$$(B)" }, { name: "C", value: "$D" }]);
});

Deno.test("another limit makes another Job, the same again the same one", () => {
  const name = (retries: number, cpu: number) =>
    kubernetesJob("p", containerWith({ retries, cpu }), PLACE).metadata.name;
  assert.equal(name(1, 2), name(1, 2));
  assert.equal(new Set([name(1, 2), name(2, 2), name(1, 1)]).size, 3);
});

Deno.test("the text is YAML that parsers of both versions read alike", () => {
  const job = containerWith({
    command: ["yes", "0o14", "012", "1_0", "12:30", "on", "~", "a: b\n"],
  });
  const { text, document, files } = kubernetesOutput("p", [
    { job, place: PLACE },
    { job: { ...job, id: "other" }, place: PLACE },
  ]);
  for (const schema of [CORE_SCHEMA, YAML11_SCHEMA]) {
    assert.deepEqual(loadAll(text, { schema }), document.jobs);
  }
  assert.equal(Object.keys(files).length, 2);
  assert.equal(Object.values(files).map((each) => `---\n${each}`).join(""), text);
});
