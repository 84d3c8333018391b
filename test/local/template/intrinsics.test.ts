// Every intrinsic function that the local runtime knows.
import { describe, expect, it } from 'vitest';
import { resolve, type Scope } from '../../../local/template/intrinsics.ts';
import { TemplateError } from '../../../local/template/template-error.ts';

const scope: Scope = {
  stackName: 'stack',
  parameters: new Map<string, string | readonly string[]>([
    ['Text', 'text'],
    ['List', ['a', 'b']],
  ]),
  conditions: {
    Yes: { 'Fn::Equals': [{ Ref: 'Text' }, 'text'] },
    No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    Either: { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    Odd: { 'Fn::Contains': [['a'], 'a'] },
  },
  mappings: { Sizes: { small: { count: 1 } } },
  reference: (logicalId) => `ref(${logicalId})`,
  attribute: (logicalId, name) => `attribute(${logicalId},${name})`,
};

describe('intrinsics', () => {
  it.each([
    ['plain values', { a: [1, true, 'x'] }, { a: [1, true, 'x'] }],
    ['Ref of a resource', { Ref: 'Thing' }, 'ref(Thing)'],
    ['Ref of a parameter', { Ref: 'Text' }, 'text'],
    ['Ref of a list', { Ref: 'List' }, ['a', 'b']],
    ['the region', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['the account', { Ref: 'AWS::AccountId' }, '000000000000'],
    ['the partition', { Ref: 'AWS::Partition' }, 'aws'],
    ['the URL suffix', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    ['the stack name', { Ref: 'AWS::StackName' }, 'stack'],
    ['no value in a list', { list: ['a', { Ref: 'AWS::NoValue' }] }, { list: ['a'] }],
    ['no value in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Thing', 'Arn'] }, 'attribute(Thing,Arn)'],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Thing.Endpoint.Port' }, 'attribute(Thing,Endpoint.Port)'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Text' }, 1]] }, 'a-text-1'],
    ['Fn::Join of a list parameter', { 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b'],
    ['Fn::Split', { 'Fn::Split': ['/', { Ref: 'AWS::StackName' }] }, ['stack']],
    ['Fn::Select', { 'Fn::Select': ['1', { 'Fn::Split': ['.', 'a.b'] }] }, 'b'],
    [
      'Fn::Sub',
      { 'Fn::Sub': '${Text} ${Thing} ${Thing.Arn} ${AWS::Region} ${!Literal}' },
      'text ref(Thing) attribute(Thing,Arn) us-east-1 ${Literal}',
    ],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${Own}/${Text}', { Own: { Ref: 'Text' } }] }, 'text/text'],
    ['Fn::If', { 'Fn::If': ['Yes', 'then', 'else'] }, 'then'],
    ['Fn::If of a negation', { 'Fn::If': ['No', 'then', { Ref: 'Text' }] }, 'text'],
    ['Fn::And', { 'Fn::If': ['Both', 1, 2] }, 2],
    ['Fn::Or', { 'Fn::If': ['Either', 1, 2] }, 1],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', 'small', 'count'] }, 1],
    ['Fn::Base64', { 'Fn::Base64': 'a' }, 'YQ=='],
  ])('%s', (_, value, expected) => {
    expect(resolve(scope, value, 'Here')).toEqual(expected);
  });

  it.each([
    ['an unknown one', { 'Fn::ImportValue': 'x' }, 'Here uses Fn::ImportValue'],
    ['an index outside of its list', { 'Fn::Select': [2, ['a']] }, 'outside of its list'],
    ['a map without the key', { 'Fn::FindInMap': ['Sizes', 'small', 'weight'] }, 'finds nothing in Sizes'],
    ['an unknown condition', { 'Fn::If': ['Maybe', 1, 2] }, 'Condition Maybe does not exist'],
    ['an unknown condition function', { 'Fn::If': ['Odd', 1, 2] }, 'Condition Odd uses Fn::Contains'],
  ])('refuse %s', (_, value, message) => {
    expect(() => resolve(scope, value, 'Here')).toThrow(TemplateError);
    expect(() => resolve(scope, value, 'Here')).toThrow(message);
  });
});
