// What is thrown when the local runtime cannot start.

/** `message` is one line that says what is wrong and what to do about it. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
}
