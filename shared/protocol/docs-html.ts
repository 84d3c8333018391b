// Markup that cannot be broken into: whatever is put into a template is escaped unless it is markup itself.

/** Text that is HTML already. */
export interface Markup {
  readonly markup: string;
}

type Value = string | number | Markup | readonly Markup[];

/** Source: https://html.spec.whatwg.org/multipage/syntax.html; quotes too, so that attributes are safe. */
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** html`<p>${text}</p>`: attributes must be written with quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const parts = strings.map((string, index) => {
    const value = values[index];
    // What indents a template in the source would be a third of the page. Values keep theirs: code stands among them.
    return `${string.replace(/\n\s+/g, '\n')}${value === undefined ? '' : markupOf(value)}`;
  });
  return { markup: parts.join('') };
}

function markupOf(value: Value): string {
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('\n');
}

export const nothing: Markup = { markup: '' };

/** A text in which backticks mark what is code, as in Markdown. */
export function prose(text: string): Markup {
  const parts = text.split(/`([^`]+)`/);
  return {
    markup: parts.map((part, index) => (index % 2 === 0 ? escaped(part) : `<code>${escaped(part)}</code>`)).join(''),
  };
}
