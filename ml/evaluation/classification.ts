/**
 * Classification: how often the right class is the first choice, or among the first five.
 *
 * @module
 */
import type { ClassificationBatch } from "../data/classification_batches.ts";
import { rankOf, topAccuracy } from "../metrics/accuracy.ts";
import type { Size } from "../nn/contracts.ts";
import type { ClassificationData, ClassificationNet } from "../tasks/classification.ts";
import type { Mark, Scoring } from "./scoring.ts";

/** Choices that predictions list, and that Top-5 counts. */
const CHOICES = 5;

/** What was predicted for one image. */
interface Answer {
  /** How many classes came before the right one. */
  rank: number;
  /** The first choices. */
  choices: Choice[];
  /** Of the image as it was shown. */
  size: Size;
}

/** A class and its probability. */
interface Choice {
  label: number;
  score: number;
}

/** What `ml/evaluation/<task>.ts` exports. */
export const scoring: Scoring<ClassificationBatch, ClassificationNet, ClassificationData> = {
  mainMetric: "Top-1",
  evaluator({ classifier }, { dataset: { classes, samples } }) {
    const answers = new Map<number, Answer>();
    return {
      async add(images, { sizes, indices, labels }) {
        const logits = classifier.logits(images, "eval"); // [B, K]
        const values = await logits.data<"float32">();
        logits.dispose();
        const K = classes.length;
        sizes.forEach((size, i) => {
          const own = values.subarray(i * K, (i + 1) * K);
          answers.set(indices[i], {
            rank: rankOf(own, labels[i]),
            choices: firstChoices(own),
            size,
          });
        });
      },

      marks(index) {
        const answer = answers.get(index);
        if (answer === undefined) throw new RangeError(`Cannot mark image ${index}: not evaluated`);
        const { rank, choices: [{ label, score }], size: [height, width] } = answer;
        const box: Mark["box"] = [0, 0, width, height];
        return {
          name: nameOf(samples[index].file),
          truth: [{ box, label: classes[samples[index].label], kind: "truth" }],
          found: [{ box, label: classes[label], score, kind: rank === 0 ? "right" : "wrong" }],
        };
      },

      finish() {
        const all = [...answers].map(([index, answer]) => ({ ...samples[index], ...answer }));
        const ranksOf = (label: number) => all.filter((one) => one.label === label).map(rank);
        return {
          metrics: {
            "Top-1": topAccuracy(all.map(rank), 1),
            // Of five classes the right one is always among the first five.
            "Top-5": classes.length > CHOICES ? topAccuracy(all.map(rank), CHOICES) : null,
          },
          perClass: Object.fromEntries(
            classes.map((name, label) => [name, topAccuracy(ranksOf(label), 1)]),
          ),
          predictions: all.map(({ file, label, choices }) => ({
            image: nameOf(file),
            label: classes[label],
            predicted: classes[choices[0].label],
            scores: choices.map(({ label, score }) => ({ label: classes[label], score })),
          })),
        };
      },
    };
  },
};

/** The classes with the highest logits, falling. */
function firstChoices(logits: Float32Array): Choice[] {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (value) => Math.exp(value - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power, label) => ({ label, score: power / total }))
    .sort((a, b) => logits[b.label] - logits[a.label] || a.label - b.label)
    .slice(0, CHOICES);
}

function rank(answer: Answer): number {
  return answer.rank;
}

function nameOf(file: string): string {
  return file.replace(/^.*\//, "");
}
