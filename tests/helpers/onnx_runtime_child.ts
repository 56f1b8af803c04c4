/**
 * Runs an ONNX model in ONNX Runtime, in a process of its own: `child.ts FOLDER` reads `model.onnx`,
 * `inputs.json` (shapes) and `input_<i>.bin`, and writes `outputs.json` and `output_<i>_<j>.bin`.
 * Without a folder it only loads the library.
 *
 * @module
 */
/** What is used of the library. */
interface Ort {
  Tensor: new (type: "float32", data: Float32Array, dims: number[]) => unknown;
  InferenceSession: {
    create(model: Uint8Array): Promise<{ run(inputs: Record<string, unknown>): Promise<Answers> }>;
  };
}

type Answers = Record<string, { dims: readonly number[]; data: Float32Array }>;

// Put together, so that it is no package of the project: it has 290 MB, and one test needs it.
const ort: Ort = await import(["npm:onnxruntime-node", "1.30.0"].join("@"));

const [folder] = Deno.args;
if (folder !== undefined) {
  const session = await ort.InferenceSession.create(await Deno.readFile(`${folder}/model.onnx`));
  const shapes: number[][] = JSON.parse(await Deno.readTextFile(`${folder}/inputs.json`));
  const outputs: { name: string; dims: readonly number[] }[][] = [];
  for (const [i, dims] of shapes.entries()) {
    const bytes = await Deno.readFile(`${folder}/input_${i}.bin`);
    const input = new ort.Tensor("float32", new Float32Array(bytes.buffer), dims);
    const answers = Object.entries(await session.run({ input }));
    outputs.push(answers.map(([name, { dims }]) => ({ name, dims })));
    for (const [j, [, { data }]] of answers.entries()) {
      const { buffer, byteOffset, byteLength } = data;
      const content = new Uint8Array(
        buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer,
      );
      await Deno.writeFile(`${folder}/output_${i}_${j}.bin`, content);
    }
  }
  await Deno.writeTextFile(`${folder}/outputs.json`, JSON.stringify(outputs));
}
