import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { handle } from 'hono/aws-lambda';
import { createSandbox } from './app.ts';
import { tableLedger } from './table-ledger.ts';

const { LEDGER_TABLE: table } = process.env;
if (!table) throw new Error('the environment variable LEDGER_TABLE is not set');
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export const handler = handle(createSandbox({ ledger: tableLedger(dynamodb, table) }));
