/**
 * Names of TensorFlow's two shared libraries on this system.
 *
 * @module
 */
const ending = Deno.build.os === "darwin" ? ".2.dylib" : ".so.2";

/** What the other library stands on. */
export const FRAMEWORK_LIBRARY = `libtensorflow_framework${ending}`;

/** The C functions and the kernels. */
export const TENSORFLOW_LIBRARY = `libtensorflow_cc${ending}`;
