import { expect, test } from 'vitest';
import { functions } from './stack-roles.ts';
import { ofType, plain, synthesise } from './stack-template.ts';

const { resources } = synthesise();
const keys = ofType(resources, 'AWS::KMS::Key');
const [[id, key] = expect.fail()] = keys;
const arn = `${id}.Arn`;

test('the account’s own key, renewed by itself and kept, encrypts journal, rows, link keys and every log', () => {
  expect(keys).toHaveLength(1);
  expect(key.Properties.EnableKeyRotation).toBe(true);
  expect(key.DeletionPolicy).toBe('Retain');
  const store = ofType(resources, 'AWS::DynamoDB::Table').filter(([name]) =>
    name.startsWith('HoldpointStore'),
  );
  expect(store).toHaveLength(2);
  for (const [name, { Properties }] of store)
    expect(plain(Properties.SSESpecification.KMSMasterKeyId), name).toBe(arn);
  for (const [name, { Properties }] of ofType(resources, 'AWS::SecretsManager::Secret'))
    expect(plain(Properties.KmsKeyId), name).toBe(arn);
  for (const [name, { Properties }] of ofType(resources, 'AWS::Logs::LogGroup'))
    expect(plain(Properties.KmsKeyId), name).toBe(arn);
});

test('it is used through DynamoDB and logs alone, and through Secrets Manager by those who read the link keys', () => {
  const account = (condition: object) => plain((condition as Record<string, unknown>)['kms:CallerAccount']);
  const uses: string[] = [];
  for (const { Action, Principal, Condition, Resource } of key.Properties.KeyPolicy.Statement) {
    expect(Resource).toBe('*');
    if (Action === 'kms:*') {
      expect(plain(Principal.AWS)).toMatch(/:root$/);
      continue;
    }
    const via = plain(Condition?.StringEquals?.['kms:ViaService'] ?? 'nothing').split('.')[0] ?? '';
    const who = plain(Principal.AWS ?? Principal.Service);
    uses.push(`${via} ${who.replace(/^arn:.*:root$/, 'the account')}`);
    if (who === '*') expect(account(Condition.StringEquals)).toBe('AWS::AccountId');
    if (via === 'nothing')
      expect(plain(Condition.ArnLike['kms:EncryptionContext:aws:logs:arn'])).toMatch(
        /:AWS::AccountId:log-group:\*$/,
      );
  }
  const readers = ['hold', 'api', 'reconcile'].map(
    (name) => `secretsmanager ${functions(resources).get(name)?.role}.Arn`,
  );
  expect(new Set(uses)).toEqual(
    new Set([
      'dynamodb *',
      'nothing logs.AWS::Region.amazonaws.com',
      'secretsmanager the account',
      ...readers,
    ]),
  );
});

test('without one, AWS’s own keys encrypt', () => {
  for (const context of [{ encryption: 'aws' }, { emulator: true }]) {
    const { resources: without } = synthesise(context);
    expect(ofType(without, 'AWS::KMS::Key')).toEqual([]);
    for (const [, { Properties }] of ofType(without, 'AWS::DynamoDB::Table'))
      expect(Properties.SSESpecification).toEqual({ SSEEnabled: true });
  }
});
