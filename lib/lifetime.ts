import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { LogGroupProps, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import type { Config } from './config.ts';

/** How long what is stored stays, and whose key it is stored under. */
export interface Lifetime {
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  readonly logRetention: RetentionDays;
  /** @default AWS's own key for each service */
  readonly key?: IKey;
}

/** A log that stays as long as that. */
export const logProps = ({ logRetention, removalPolicy, key }: Lifetime): LogGroupProps => ({
  retention: logRetention,
  removalPolicy,
  ...(key && { encryptionKey: key }),
});

export function lifetimeOf({ removalPolicy, deletionProtection, logRetentionDays }: Config): Lifetime {
  return {
    removalPolicy: removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    deletionProtection: deletionProtection ?? removalPolicy === 'retain',
    logRetention: logRetentionDays,
  };
}
