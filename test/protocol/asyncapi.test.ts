// The AsyncAPI document: valid, complete, and the one that was last looked at.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { asyncApi } from '../../shared/protocol/asyncapi.ts';
import { clientFrame } from '../../shared/protocol/client-frames.ts';
import { socketDoors } from '../../shared/protocol/doors.ts';
import { serverFrame } from '../../shared/protocol/server-frames.ts';
import { asyncApiDocument, at, fieldsOf, referencesIn, schemasOf, validatorOf } from './documented.ts';
import { golden } from './golden.ts';

interface Operation {
  readonly action: 'send' | 'receive';
  readonly channel: { readonly $ref: string };
  readonly messages: readonly { readonly $ref: string }[];
}

const operations = asyncApiDocument['operations'] as Readonly<Record<string, Operation>>;
const channels = asyncApiDocument['channels'] as Readonly<
  Record<string, { readonly address: string; readonly messages: Readonly<Record<string, unknown>> }>
>;

describe('the document', () => {
  it('is a valid AsyncAPI 3.0.0 document', () => {
    const file = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json');
    // The schema brings its own copy of draft 7, which must not be there twice.
    const ajv = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
    formats(ajv);
    const validateDocument = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
    validateDocument(asyncApiDocument);
    expect(validateDocument.errors ?? []).toEqual([]);
    expect(validateDocument({ ...asyncApiDocument, channels: 7 })).toBe(false);
  });

  it('is the golden one; UPDATE_GOLDEN=1 makes it so when the change is meant', () => {
    expect(asyncApiDocument).toStrictEqual(golden('asyncapi.json', asyncApiDocument));
  });

  it('is made the same every time', () => {
    expect(asyncApi()).toStrictEqual(asyncApiDocument);
  });

  it('refers to nothing that is not there', () => {
    const missing = referencesIn(asyncApiDocument).filter((reference) => at(asyncApiDocument, reference) === undefined);
    expect(missing).toEqual([]);
  });

  it('says what every field means', () => {
    const silent = Object.entries(schemasOf(asyncApiDocument)).flatMap(([name, schema]) =>
      fieldsOf(schema).flatMap(({ path, field }) =>
        '$ref' in field || typeof field['description'] === 'string' ? [] : [`${name} ${path}`],
      ),
    );
    expect(silent).toEqual([]);
  });

  it('has schemas that a validator takes, and that tell right from wrong', () => {
    const ajv = validatorOf(asyncApiDocument);
    const checks = Object.keys(schemasOf(asyncApiDocument)).map((name) =>
      ajv.compile({ $ref: `document#/components/schemas/${name}` }),
    );
    expect(checks.filter((check) => check(7))).toEqual([]);
    const ping = ajv.compile({ $ref: 'document#/components/schemas/PingFrame' });
    expect(
      [{ type: 'ping', id: '7' }, { type: 'ping', more: 1 }, { type: 'pong' }].map((frame) => ping(frame)),
    ).toEqual([true, false, false]);
  });
});

/** The types of a channel's messages in one direction. */
function typesOf(id: string): readonly string[] {
  return (operations[id]?.messages ?? []).map(({ $ref }) => {
    const reference = (at(asyncApiDocument, $ref) as { readonly $ref: string }).$ref;
    return (at(asyncApiDocument, reference) as { readonly name: string }).name;
  });
}

describe('the channels', () => {
  it('have every frame of our own, in its direction', () => {
    expect(typesOf('bellhopReceive')).toEqual(clientFrame.def.options.flatMap(({ shape }) => shape.type.def.values));
    expect(typesOf('bellhopSend')).toEqual(serverFrame.def.options.flatMap(({ shape }) => shape.type.def.values));
  });

  it('are at every door', () => {
    const doors = socketDoors.map(({ path, includesBelow }) => (includesBelow ? `${path}/` : path));
    expect([...new Set(Object.values(channels).map(({ address }) => address))]).toEqual(doors);
  });

  it.each(Object.keys(channels))('%s: each message goes one way or both, and none goes nowhere', (id) => {
    const directions = Object.values(operations).filter(({ channel }) => channel.$ref === `#/channels/${id}`);
    expect(directions.map(({ action }) => action)).toEqual(['receive', 'send']);
    const used = directions.flatMap(({ messages }) => messages.map(({ $ref }) => $ref.split('/').at(-1)));
    expect(used.toSorted()).toEqual(Object.keys(channels[id]?.messages ?? {}).toSorted());
  });
});
