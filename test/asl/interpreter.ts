import { join } from 'node:path';
import { CreateStateMachineCommand, GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { until } from '../support/listed-tests.ts';
import { freePorts } from '../support/local-process.ts';
import { startGroup } from '../support/process-group.ts';
import { virtualEnvironment } from '../support/python.ts';
import { type Invoke, serveFunctions } from './functions.ts';

const PACKAGES = ['moto[stepfunctions]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'];

export interface Interpreter {
  readonly sfn: SFNClient;
  create(name: string, definition: StateMachineDefinition): Promise<string>;
  /** The states that an execution has entered, in order; those inside Map too. */
  entered(executionArn: string): Promise<string[]>;
  end(): Promise<void>;
}

/** moto's interpreter in a process of its own, calling functions that this process answers for. */
export async function startInterpreter(invoke: Invoke): Promise<Interpreter> {
  const bin = await virtualEnvironment('moto', PACKAGES);
  const [port = 0] = await freePorts(1);
  const functions = await serveFunctions(invoke);
  const script = join(import.meta.dirname, 'interpreter.py');
  const moto = startGroup(join(bin, 'python'), [script, String(port), functions.url], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PYTHONDONTWRITEBYTECODE: '1', NO_PROXY: '*' },
  });
  const end = async () => {
    await Promise.all([moto.end(), functions.close()]);
  };
  const endpoint = `http://127.0.0.1:${port}`;
  const sfn = new SFNClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    await until('the interpreter answers', async () => {
      if (!moto.running()) throw new Error(`the interpreter ended:\n${moto.output()}`);
      return fetch(`${endpoint}/moto-api/data.json`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    sfn,
    create: async (name, definition) => {
      const { stateMachineArn = '' } = await sfn.send(
        new CreateStateMachineCommand({
          name,
          definition: JSON.stringify(definition),
          roleArn: 'arn:aws:iam::123456789012:role/test',
        }),
      );
      return stateMachineArn;
    },
    entered: async (executionArn) => {
      const { events = [] } = await sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
      );
      return events.flatMap(({ stateEnteredEventDetails: of }) => of?.name ?? []);
    },
    end,
  };
}
