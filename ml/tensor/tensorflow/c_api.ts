/**
 * The functions of TensorFlow's C library that are used here: a table, no logic.
 *
 * Tensor handles travel as `usize`, because thousands are made per training step and a
 * number is cheaper than a pointer object; everything else as pointers. Source: tensorflow/c/c_api.h, tensorflow/c/eager/c_api.h (2.21).
 *
 * @module
 */

import { FRAMEWORK_LIBRARY, TENSORFLOW_LIBRARY } from "./library_files.ts";

/** `TF_Output`: an operation and the index of one of its outputs, passed by value. */
const OUTPUT = { struct: ["pointer", "i32"] } as const;

const SYMBOLS = {
  TF_Version: { parameters: [], result: "pointer" },

  TF_NewStatus: { parameters: [], result: "pointer" },
  TF_GetCode: { parameters: ["pointer"], result: "i32" },
  TF_Message: { parameters: ["pointer"], result: "pointer" },

  TF_AllocateTensor: { parameters: ["i32", "buffer", "i32", "usize"], result: "pointer" },
  TF_TensorData: { parameters: ["pointer"], result: "pointer" },
  TF_TensorByteSize: { parameters: ["pointer"], result: "usize" },
  TF_TensorType: { parameters: ["pointer"], result: "i32" },
  TF_DeleteTensor: { parameters: ["pointer"], result: "void" },

  TFE_NewContextOptions: { parameters: [], result: "pointer" },
  TFE_ContextOptionsSetConfig: {
    parameters: ["pointer", "buffer", "usize", "pointer"],
    result: "void",
  },
  TFE_ContextOptionsSetDevicePlacementPolicy: { parameters: ["pointer", "i32"], result: "void" },
  TFE_DeleteContextOptions: { parameters: ["pointer"], result: "void" },
  TFE_NewContext: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_DeleteContext: { parameters: ["pointer"], result: "void" },
  TFE_ContextListDevices: { parameters: ["pointer", "pointer"], result: "pointer" },
  TF_DeviceListCount: { parameters: ["pointer"], result: "i32" },
  TF_DeviceListType: { parameters: ["pointer", "i32", "pointer"], result: "pointer" },
  TF_DeleteDeviceList: { parameters: ["pointer"], result: "void" },

  TFE_NewTensorHandle: { parameters: ["pointer", "pointer"], result: "usize" },
  TFE_DeleteTensorHandle: { parameters: ["usize"], result: "void" },
  TFE_TensorHandleDataType: { parameters: ["usize"], result: "i32" },
  TFE_TensorHandleNumDims: { parameters: ["usize", "pointer"], result: "i32" },
  TFE_TensorHandleDim: { parameters: ["usize", "i32", "pointer"], result: "i64" },
  TFE_TensorHandleCopySharingTensor: { parameters: ["usize", "pointer"], result: "usize" },
  TFE_TensorHandleResolve: { parameters: ["usize", "pointer"], result: "pointer" },

  TFE_NewOp: { parameters: ["pointer", "pointer", "pointer"], result: "pointer" },
  TFE_DeleteOp: { parameters: ["pointer"], result: "void" },
  TFE_OpAddInput: { parameters: ["pointer", "usize", "pointer"], result: "void" },
  TFE_OpSetAttrString: {
    parameters: ["pointer", "pointer", "pointer", "usize"],
    result: "void",
  },
  TFE_OpSetAttrInt: { parameters: ["pointer", "pointer", "i64"], result: "void" },
  TFE_OpSetAttrIntList: { parameters: ["pointer", "pointer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrFloat: { parameters: ["pointer", "pointer", "f32"], result: "void" },
  TFE_OpSetAttrBool: { parameters: ["pointer", "pointer", "u8"], result: "void" },
  TFE_OpSetAttrType: { parameters: ["pointer", "pointer", "i32"], result: "void" },
  TFE_OpSetAttrShape: {
    parameters: ["pointer", "pointer", "buffer", "i32", "pointer"],
    result: "void",
  },
  TFE_Execute: { parameters: ["pointer", "buffer", "buffer", "pointer"], result: "void" },
  TFE_ContextAddFunction: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TFE_ContextRemoveFunction: { parameters: ["pointer", "pointer", "pointer"], result: "void" },

  TF_NewGraph: { parameters: [], result: "pointer" },
  TF_DeleteGraph: { parameters: ["pointer"], result: "void" },
  TF_NewOperation: { parameters: ["pointer", "pointer", "buffer"], result: "pointer" },
  TF_AddInput: { parameters: ["pointer", OUTPUT], result: "void" },
  TF_AddInputList: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_SetAttrString: { parameters: ["pointer", "pointer", "pointer", "usize"], result: "void" },
  TF_SetAttrInt: { parameters: ["pointer", "pointer", "i64"], result: "void" },
  TF_SetAttrIntList: { parameters: ["pointer", "pointer", "buffer", "i32"], result: "void" },
  TF_SetAttrFloat: { parameters: ["pointer", "pointer", "f32"], result: "void" },
  TF_SetAttrBool: { parameters: ["pointer", "pointer", "u8"], result: "void" },
  TF_SetAttrType: { parameters: ["pointer", "pointer", "i32"], result: "void" },
  TF_SetAttrShape: { parameters: ["pointer", "pointer", "buffer", "i32"], result: "void" },
  TF_SetAttrTensor: { parameters: ["pointer", "pointer", "pointer", "pointer"], result: "void" },
  TF_FinishOperation: { parameters: ["pointer", "pointer"], result: "pointer" },
  TF_OperationOutputType: { parameters: [OUTPUT], result: "i32" },
  TF_GraphGetTensorNumDims: { parameters: ["pointer", OUTPUT, "pointer"], result: "i32" },
  TF_GraphGetTensorShape: {
    parameters: ["pointer", OUTPUT, "buffer", "i32", "pointer"],
    result: "void",
  },
  TF_GraphToFunction: {
    parameters: [
      "pointer", // graph
      "buffer", // name
      "u8", // append a hash to the name
      "i32", // number of operations, -1: all
      "pointer",
      "i32", // inputs
      "buffer",
      "i32", // outputs
      "buffer",
      "pointer", // output names
      "pointer", // options
      "pointer", // description
      "pointer", // status
    ],
    result: "pointer",
  },
  TF_DeleteFunction: { parameters: ["pointer"], result: "void" },
} as const;

/** The loaded library. */
export type TensorFlowLibrary = Deno.DynamicLibrary<typeof SYMBOLS>;

/** The system's own loader: it is found through any library. */
const LOADER = { dlopen: { parameters: ["buffer", "i32"], result: "pointer" } } as const;

/** Resolve all symbols at once; the same number on Linux and macOS. */
const RTLD_NOW = 2;

/**
 * Loads the library, for the life of the process: Deno unloads libraries at its end, and TensorFlow,
 * which cannot be unloaded, would crash there.
 *
 * @param folder holds both shared libraries
 * @throws {Error} if a file is missing or made for another machine
 */
export function loadTensorFlow(folder: string): TensorFlowLibrary {
  try {
    // The framework first: the other one asks for it by name and then finds it loaded.
    const framework = Deno.dlopen(`${folder}/${FRAMEWORK_LIBRARY}`, LOADER);
    const keep = (name: string) => {
      // A second reference that nobody gives back.
      framework.symbols.dlopen(new TextEncoder().encode(`${folder}/${name}\0`), RTLD_NOW);
    };
    keep(FRAMEWORK_LIBRARY);
    const library = Deno.dlopen(`${folder}/${TENSORFLOW_LIBRARY}`, SYMBOLS);
    keep(TENSORFLOW_LIBRARY);
    return library;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot load TensorFlow from ${folder}: ${reason}`, { cause });
  }
}

/** `TF_DataType`. */
export const DataType = {
  FLOAT: 1,
  UINT8: 4,
  INT32: 3,
  STRING: 7,
  COMPLEX64: 8,
  INT64: 9,
  BOOL: 10,
  RESOURCE: 20,
} as const;

/** Bytes of one element. */
export const ELEMENT_BYTES: Record<number, number> = {
  [DataType.FLOAT]: 4,
  [DataType.INT32]: 4,
  [DataType.UINT8]: 1,
  [DataType.BOOL]: 1,
  [DataType.INT64]: 8,
  [DataType.COMPLEX64]: 8,
};
