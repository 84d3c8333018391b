// Tables as a template would describe them.
import type { TableModel } from '../../../local/contracts.ts';

export function tableModel(name: string, differences: Partial<TableModel> = {}): TableModel {
  return {
    logicalId: name,
    name,
    arn: `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`,
    attributes: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
    ],
    key: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    globalIndexes: [],
    localIndexes: [],
    expiryAttribute: null,
    ...differences,
  };
}
