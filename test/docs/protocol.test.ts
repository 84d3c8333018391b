// The protocol page: every example on it is a frame that the schemas know.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { clientFrame } from '../../shared/protocol/client-frames.ts';
import { inboxChange } from '../../shared/protocol/http-bodies.ts';
import { readInboxMark } from '../../shared/protocol/inbox-mark.ts';
import { serverFrame } from '../../shared/protocol/server-frames.ts';

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

function examples(side: string): readonly unknown[] {
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

describe('polling', () => {
  it('the inbox holds frames of a socket, and a mark that can be read', () => {
    const inbox = z.object({ frames: z.array(serverFrame), next: z.string() });
    const [example] = examples('inbox').map((one) => inbox.parse(one));
    expect(example?.frames).not.toEqual([]);
    expect(readInboxMark(example?.next ?? '')).not.toEqual([]);
  });

  it('a change is one', () => {
    expect(examples('inbox-change').map((one) => inboxChange.parse(one))).toHaveLength(1);
  });
});
