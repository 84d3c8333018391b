// Queries over many pages.
import type { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { isEmptyRange, queryItems, queryUpTo } from '../../shared/dynamodb/pages.ts';

/** A client that has these pages, and notes what was asked for. */
function clientWith(pages: readonly (readonly number[])[]) {
  const asked: { readonly limit: number | undefined; readonly from: unknown }[] = [];
  const send = async ({ input }: QueryCommand): Promise<unknown> => {
    asked.push({ limit: input.Limit, from: input.ExclusiveStartKey?.['page'] });
    const number = asked.length - 1;
    const isLast = number === pages.length - 1;
    const Items = pages[number]?.map((seq) => ({ seq }));
    return Promise.resolve({ Items, ...(isLast ? {} : { LastEvaluatedKey: { page: number } }) });
  };
  return { client: { send } as unknown as DynamoDBDocumentClient, asked };
}

const query = { TableName: 'logs' };

describe('queries', () => {
  it('go on over pages without items to the last one', async () => {
    const { client, asked } = clientWith([[1, 2], [], [3]]);
    const items = [];
    for await (const item of queryItems(client, query)) items.push(item);
    expect(items).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
    expect(asked.map(({ from }) => from)).toEqual([undefined, 0, 1]);
  });

  it('read no page that nobody asks for', async () => {
    const { client, asked } = clientWith([[1, 2], [3]]);
    for await (const item of queryItems(client, query)) if (item['seq'] === 2) break;
    expect(asked).toHaveLength(1);
  });

  it('read more at a time with every page when told so', async () => {
    const { client, asked } = clientWith([[1], [2], [3]]);
    for await (const item of queryItems(client, { ...query, Limit: 16 }, 4)) expect(item).toBeDefined();
    expect(asked.map(({ limit }) => limit)).toEqual([16, 64, 256]);
  });

  it.each([
    ['fewer than the limit', [[1]], [1], false],
    ['exactly the limit', [[1, 2]], [1, 2], false],
    ['more than the limit', [[1, 2, 3]], [1, 2], true],
    ['more, over two pages', [[1], [2, 3]], [1, 2], true],
    ['none', [[]], [], false],
  ])('say whether there are more: %s', async (_, pages, seqs, more) => {
    const { client, asked } = clientWith(pages);
    expect(await queryUpTo(client, query, 2)).toEqual({ items: seqs.map((seq) => ({ seq })), more });
    expect(asked[0]?.limit).toBe(3);
  });
});

describe('a range of keys', () => {
  it.each([
    ['a', 'b', false],
    ['a', 'a', true],
    ['b', 'a', true],
    [null, 'a', false],
    ['a', null, false],
    [null, null, false],
    ['\uff5e', '\u{1F6CE}', false],
  ])('after %j through %j is empty: %j', (after, through, isEmpty) => {
    expect(isEmptyRange({ after, through })).toBe(isEmpty);
  });
});
