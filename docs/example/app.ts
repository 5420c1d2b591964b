import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { App, Stack } from 'aws-cdk-lib/core';
import { Holdpoint } from '../../lib/holdpoint.ts';
import { application } from './application.ts';

const stack = new Stack(new App(), 'Doors');
const doors = new Table(stack, 'Doors', { partitionKey: { name: 'door', type: AttributeType.STRING } });
const effects = { environment: { DOORS: doors.tableName }, grant: doors.grantWriteData.bind(doors) };
new Holdpoint(stack, 'Holdpoint', { application, access: { open_door: { effects } } });
