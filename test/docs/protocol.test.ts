// The protocol page: every example on it is a frame that the schemas know.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clientFrame } from '../../shared/protocol/client-frames.ts';
import { serverFrame } from '../../shared/protocol/server-frames.ts';

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

function examples(side: 'client' | 'server'): readonly unknown[] {
  return [...page.matchAll(new RegExp(`\`\`\`json ${side}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, json]): unknown =>
    JSON.parse(json ?? ''),
  );
}

describe.each([
  ['client', clientFrame],
  ['server', serverFrame],
] as const)('%s frames', (side, schema) => {
  it.each(examples(side).map((example) => [JSON.stringify(example).slice(0, 40), example]))('%s', (_, example) => {
    expect(schema.parse(example)).toEqual(example);
  });

  it('each type has an example', () => {
    const types = schema.def.options.map((option) => option.shape.type.def.values[0]);
    const shown = examples(side).map((example) => (example as { readonly type: string }).type);
    expect([...new Set(shown)].sort()).toEqual([...types].sort());
  });
});
