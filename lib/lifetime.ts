import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import type { Config } from './config.ts';

/** How long what is stored stays. */
export interface Lifetime {
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  readonly logRetention: RetentionDays;
}

export function lifetimeOf({ removalPolicy, deletionProtection, logRetentionDays }: Config): Lifetime {
  return {
    removalPolicy: removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    deletionProtection: deletionProtection ?? removalPolicy === 'retain',
    logRetention: logRetentionDays,
  };
}
