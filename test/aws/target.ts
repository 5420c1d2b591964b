import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { until } from '../support/listed-tests.ts';
import { freePorts } from '../support/local-process.ts';
import { startGroup } from '../support/process-group.ts';
import { virtualEnvironment } from '../support/python.ts';
import { cognito } from './signed-call.ts';

export type Kind = 'AWS' | 'MiniStack' | 'LocalStack';

export interface Target {
  readonly kind: Kind;
  /** Where everything of an emulator is reached; AWS has no such place. */
  readonly endpoint: string | undefined;
  /** Whether people can sign in, which takes Cognito. */
  readonly hasUsers: boolean;
  /** The process group of an emulator of our own. */
  readonly group?: number | undefined;
  /** How long something may take that takes a moment, in milliseconds: elsewhere a function's first call fetches its image. */
  readonly patienceMs: number;
  end(): Promise<void>;
}

const PACKAGES = ['ministack==1.5.33', 'cryptography==50.0.2'];

/**
 * Where to deploy: AWS_ENDPOINT_URL, else an emulator of our own. All clients, the CDK's too, find it through the
 * environment, which is set here.
 */
export async function chooseTarget(options: {
  readonly aws: boolean;
  readonly links: boolean;
}): Promise<Target> {
  const { env } = process;
  const patienceMs = options.aws || env.AWS_ENDPOINT_URL ? 180_000 : 45_000;
  if (options.aws) {
    delete env.AWS_ENDPOINT_URL;
    return { kind: 'AWS', endpoint: undefined, hasUsers: !options.links, patienceMs, end: async () => {} };
  }
  const given = env.AWS_ENDPOINT_URL;
  const own = given ? undefined : await startMiniStack();
  // By its number: a bucket's name is put in front of any other host name.
  const endpoint = (given ?? own?.endpoint ?? '').replace(/\/+$/, '').replace('//localhost', '//127.0.0.1');
  Object.assign(env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: env.AWS_ENDPOINT_URL_S3 ?? endpoint,
    AWS_ACCESS_KEY_ID: env.AWS_ACCESS_KEY_ID ?? 'test',
    AWS_SECRET_ACCESS_KEY: env.AWS_SECRET_ACCESS_KEY ?? 'test',
    AWS_REGION: env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1',
  });
  return {
    kind: (await answers(`${endpoint}/_ministack/ready`)) ? 'MiniStack' : 'LocalStack',
    endpoint,
    hasUsers: !options.links && (await hasCognito()),
    group: own?.group,
    patienceMs,
    end: async () => own?.end(),
  };
}

/** An API's URL, or the path at which an emulator serves it. */
export function servedAt({ endpoint }: Target, url: string): string {
  const { hostname, pathname } = new URL(url);
  return endpoint === undefined ? url : `${endpoint}/_aws/execute-api/${hostname.split('.')[0]}${pathname}`;
}

const hasCognito = (): Promise<boolean> =>
  cognito('ListUserPools', { MaxResults: 1 }).then(
    () => true,
    () => false,
  );

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ status }) => status === 200,
    () => false,
  );

async function startMiniStack() {
  const bin = await virtualEnvironment('ministack', PACKAGES);
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-ministack-'));
  const clean = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.once('exit', clean);
  const emulator = startGroup(join(bin, 'ministack'), [], {
    cwd: folder,
    env: {
      // Functions run on the Node.js that runs us, whatever else is in the path.
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      HOME: folder,
      TMPDIR: folder,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      LAMBDA_WARM_TTL_SECONDS: '30',
      // Has it evaluate the policies of every role; credentials other than these are refused.
      AUTH: 'true',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
  const end = async () => {
    await emulator.end();
    clean();
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await until('MiniStack is ready', async () => {
      if (!emulator.running()) throw new Error(`MiniStack ended:\n${emulator.output()}`);
      return answers(`${endpoint}/_ministack/ready`);
    });
  } catch (error) {
    await end();
    throw error;
  }
  return { endpoint, group: emulator.id, end };
}
