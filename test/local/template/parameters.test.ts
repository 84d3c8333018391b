// Values of template parameters: what CloudFormation accepts, and refusals that never repeat a value.
import { describe, expect, it } from 'vitest';
import { readParameters } from '../../../local/template/parameters.ts';
import { TemplateError } from '../../../local/template/template-error.ts';

function read(declaration: object, value?: string): unknown {
  return readParameters({ Name: declaration }, value === undefined ? {} : { Name: value }).get('Name');
}

describe('a parameter', () => {
  it.each([
    ['has the value that is given', { Type: 'String', Default: 'no' }, 'yes', 'yes'],
    ['has its default otherwise', { Type: 'String', Default: '' }, undefined, ''],
    ['may be a number', { Type: 'Number', MinValue: 1, MaxValue: 5 }, '3', '3'],
    ['may be a list', { Type: 'CommaDelimitedList' }, 'a, b', ['a', 'b']],
    ['may be an empty list', { Type: 'CommaDelimitedList' }, '', []],
    ['may be a list of numbers', { Type: 'List<Number>' }, '1,2', ['1', '2']],
    ['matches its pattern as a whole', { Type: 'String', AllowedPattern: 'a+|b+' }, 'bb', 'bb'],
    ['matches its pattern entry by entry', { Type: 'CommaDelimitedList', AllowedPattern: '[ab]' }, 'a,b', ['a', 'b']],
    ['of the account is skipped', { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/x' }, undefined, undefined],
  ])('%s', (_, declaration, value, expected) => {
    expect(read(declaration, value)).toEqual(expected);
  });

  it.each([
    ['no value', { Type: 'String', NoEcho: true }, undefined, 'has no value'],
    ['a value outside of its pattern', { Type: 'String', AllowedPattern: 'a+|b+' }, 'secretab', 'must match'],
    ['an entry outside of its pattern', { Type: 'CommaDelimitedList', AllowedPattern: 'a' }, 'a,secret', 'must match'],
    ['a value that is too short', { Type: 'String', MinLength: 64 }, 'secret', 'at least 64'],
    ['a value that is too long', { Type: 'String', MaxLength: '3' }, 'secret', 'at most 3'],
    ['a value that is not allowed', { Type: 'String', AllowedValues: ['on', 'off'] }, 'secret', 'one of on, off'],
    ['text for a number', { Type: 'Number' }, 'secret', 'must be a number'],
    ['nothing for a number', { Type: 'Number' }, '', 'must be a number'],
    ['a number that is too small', { Type: 'Number', MinValue: 1 }, '0', 'at least 1'],
    ['a number that is too large', { Type: 'Number', MaxValue: 1 }, '2', 'at most 1'],
    ['an unknown type', { Type: 'AWS::EC2::KeyPair::KeyName' }, 'secret', 'does not know the type'],
  ])('is refused with %s', (_, declaration, value, message) => {
    expect(() => read(declaration, value)).toThrow(TemplateError);
    expect(() => read(declaration, value)).toThrow(message);
    expect(() => read(declaration, value)).toThrow(/^(?!.*secret).*Name/);
  });

  it('is explained by the template when it says how', () => {
    const declaration = { Type: 'String', MinLength: 9, ConstraintDescription: 'must be nine letters' };
    expect(() => read(declaration, 'x')).toThrow('Parameter Name must be nine letters.');
  });

  it('that the template does not have is refused', () => {
    expect(() => readParameters({}, { Other: 'x' })).toThrow('Parameter Other does not exist in the template.');
  });
});
