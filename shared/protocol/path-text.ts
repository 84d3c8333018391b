// Texts in the path of a request: each is named, and must be there and of a length that keys can hold.
import { Failure } from './failures.ts';

/** Decoded, as API Gateway passes them. */
export type PathParameters = Readonly<Record<string, string | undefined>>;

/** The parameter of this name, or an `invalid_field` whose field is `path <name>`. */
export function pathText(parameters: PathParameters, name: string, charactersMax: number): string {
  const text = parameters[name] ?? '';
  const measured = `${name} has ${String(text.length)} characters`;
  if (text === '') throw refusal(name, `${name} is empty`, charactersMax);
  if (text.length > charactersMax)
    throw refusal(name, `${measured}, at most ${String(charactersMax)} are allowed`, charactersMax);
  if (!text.isWellFormed()) throw refusal(name, `${name} holds half a surrogate pair`, charactersMax);
  return text;
}

function refusal(name: string, message: string, charactersMax: number): Failure {
  return new Failure('invalid_field', {
    message,
    field: `path ${name}`,
    remedy: `Put 1 to ${String(charactersMax)} characters into the path, percent-encoded.`,
  });
}
