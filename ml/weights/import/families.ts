/**
 * How families of networks name things in published files, as tables. All of them are tried on all
 * networks: a rule counts where it leads to a name that the network has.
 *
 * @module
 */

/** From a file's name to this project's: what is replaced, and by what. */
export type Rename = [from: RegExp, to: string];

/** By family. */
export const RENAMES: Record<string, Rename[]> = {
  // torchvision before 0.15: convolutions that had no list around them.
  "torchvision's detectors": [
    [/^(.*\bfpn\.(?:inner|layer)_blocks\.\d+)\.(weight|bias)$/, "$1.0.$2"],
    [/^(.*\brpn\.head\.conv)\.(weight|bias)$/, "$1.0.0.$2"],
  ],
  // A classifier trained on ImageNet is the body of what is built on it.
  "torchvision's backbones": [
    [/^(?:features\.)?(.+)$/, "backbone.body.$1"],
    [/^(?:features\.)?(.+)$/, "backbone.$1"],
  ],
  // A detector's body by itself, or as the body of a segmenter, and the other way round.
  "bodies": [
    [/^backbone\.body\.(.+)$/, "backbone.$1"],
    [/^backbone\.(.+)$/, "backbone.body.$1"],
    [/^backbone\.(?:body\.)?(.+)$/, "features.$1"],
    [/^backbone\.(?:body\.)?(.+)$/, "$1"],
  ],
  // BasicSR's port of EDSR; the blocks' number decides how its last convolution is called here.
  "BasicSR's EDSR": [
    [/^conv_first\.(.+)$/, "head.0.$1"],
    [/^body\.(\d+)\.conv1\.(.+)$/, "body.$1.body.0.$2"],
    [/^body\.(\d+)\.conv2\.(.+)$/, "body.$1.body.2.$2"],
    [/^conv_after_body\.(.+)$/, "body.16.$1"],
    [/^conv_after_body\.(.+)$/, "body.32.$1"],
    [/^upsample\.(.+)$/, "tail.0.$1"],
    [/^conv_last\.(.+)$/, "tail.1.$1"],
  ],
};

/** What follows from a network's options. Files hold it too; it is compared, not taken. */
const FIXED: RegExp[] = [
  /(^|\.)(attn_mask|relative_position_index)$/, // SwinIR
  /^(sub|add)_mean\.weight$/, // EDSR: the identity
];

/** Taken where they are; without them the network's first values are right. */
const OPTIONAL: RegExp[] = [
  /(^|\.)num_batches_tracked$/, // nothing is computed from it
  /^(sub|add)_mean\.bias$/, // EDSR: follows from its options; BasicSR's files have none
];

/** Last layers, whose first dimension is the number of classes, or a multiple of it. */
const LAST_LAYERS: RegExp[] = [
  /^roi_heads\.box_predictor\.(cls_score|bbox_pred)\./, // detectors
  /^(aux_)?classifier\.(4|logits)\./, // DeepLabV3, the light segmenter
  /^(head\.)?fc\./, // ResNet, the light backbones
  /^classifier\.[36]\./, // MobileNetV3, VGG
];

/** Whether a parameter follows from the options. */
export const isFixed = (name: string): boolean => FIXED.some((one) => one.test(name));

/** Whether a network does without a parameter of the file. */
export const isOptional = (name: string): boolean => OPTIONAL.some((one) => one.test(name));

/** Whether a parameter belongs to a last layer. */
export const isLastLayer = (name: string): boolean => LAST_LAYERS.some((one) => one.test(name));

/** A network by names that tell it from the others. */
export interface Sign {
  /** What to say: a file of `models`, and what to set for it. */
  network: string;
  /** Options that tell it from the network's other forms. */
  options: Record<string, number | boolean>;
  has: string[];
  lacks: string[];
}

const SWIN = "layers.0.residual_group.blocks.0.attn.qkv.weight";

/** The first whose names fit is proposed. */
export const SIGNS: Sign[] = [
  sign("sr/edsr", { scale: 8 }, ["head.0.weight", "tail.0.4.weight"]),
  sign("sr/edsr", { scale: 4 }, ["head.0.weight", "tail.0.2.weight"], ["tail.0.4.weight"]),
  sign("sr/edsr", { scale: 2 }, ["head.0.weight", "tail.1.weight"], ["tail.0.2.weight"]),
  sign("sr/edsr_light", {}, ["head.0.weight", "tail.0.0.weight"], ["tail.1.weight"]),
  sign("sr/swinir", { scale: 8 }, [SWIN, "upsample.4.weight"]),
  sign("sr/swinir", { scale: 4 }, [SWIN, "upsample.2.weight"], ["upsample.4.weight"]),
  sign("sr/swinir", { scale: 2 }, [SWIN, "upsample.0.weight"], ["upsample.2.weight"]),
  sign(
    "detection/faster_rcnn",
    {},
    ["roi_heads.box_head.fc6.weight", "backbone.body.16.0.weight"],
  ),
  sign(
    "detection/faster_rcnn_light",
    {},
    ["roi_heads.box_head.fc6.weight", "backbone.body.3.0.weight"],
  ),
  sign("segmentation/deeplab_v3", {}, ["classifier.0.convs.0.0.weight", "backbone.16.0.weight"]),
  sign("segmentation/deeplab_v3_light", {}, ["classifier.logits.weight"]),
  resnet(18, "layer4.1.conv2", "layer1.2.conv1"),
  resnet(34, "layer1.2.conv1", "layer1.0.conv3"),
  resnet(50, "layer1.0.conv3", "layer3.6.conv1"),
  resnet(101, "layer3.22.conv3", "layer3.23.conv1"),
  sign("classification/resnet_light", {}, ["layer1.0.conv1.weight", "fc.weight"]),
  ...vgg(11, 18, 25),
  ...vgg(13, 22, 31),
  ...vgg(16, 28, 40),
  ...vgg(19, 34, 49),
];

function sign(
  network: string,
  options: Sign["options"],
  has: string[],
  lacks: string[] = [],
): Sign {
  return { network, options, has, lacks };
}

function resnet(depth: number, has: string, lacks: string): Sign {
  return sign(
    "classification/resnet",
    { depth },
    [`${has}.weight`, "fc.weight"],
    [`${lacks}.weight`],
  );
}

/** @param last the last convolution's place @param lastWithNorm the same with normalisations */
function vgg(depth: number, last: number, lastWithNorm: number): Sign[] {
  const norm = "features.1.running_mean";
  const beyond = (place: number) => [1, 2, 3, 4].map((i) => `features.${place + i}.weight`);
  return [
    sign(
      "classification/vgg",
      { depth, batch_norm: true },
      [norm, `features.${lastWithNorm}.weight`],
      beyond(lastWithNorm + 1),
    ),
    sign(
      "classification/vgg",
      { depth, batch_norm: false },
      [`features.${last}.weight`, "classifier.6.weight"],
      [norm, ...beyond(last)],
    ),
  ];
}
