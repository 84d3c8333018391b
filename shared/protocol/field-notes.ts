// What the fields of the wire mean, for the API documents: one note for a name that means the same everywhere, others by schema.

export const schemaNotes: Readonly<Record<string, string>> = {};
export const fieldNotes: Readonly<Record<string, Readonly<Record<string, string>>>> = {};
const commonNotes: Readonly<Record<string, string>> = {};

export function noteOf(component: string, path: string, name: string): string | undefined {
  return fieldNotes[component]?.[path] ?? commonNotes[name];
}
