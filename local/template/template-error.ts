// What is thrown for a template that the local runtime cannot serve.

/** `message` is one line that names the resource or the parameter and says what to change. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
