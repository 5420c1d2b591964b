import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

export interface FirewallProps {
  readonly stage: Stage;
  /** How many requests one address may make within five minutes. */
  readonly requestsPerAddress: number;
}

/**
 * Rules of the common set that look for code in bodies: arguments and what people ask for may hold any text, are never
 * run, and may be 64 KB long. They count, and block nothing.
 */
const ABOUT_BODIES = [
  'SizeRestrictions_BODY',
  'CrossSiteScripting_BODY',
  'EC2MetaDataSSRF_BODY',
  'GenericLFI_BODY',
  'GenericRFI_BODY',
];

const GROUPS = [
  { name: 'AWSManagedRulesAmazonIpReputationList' },
  { name: 'AWSManagedRulesCommonRuleSet', counting: ABOUT_BODIES },
  { name: 'AWSManagedRulesKnownBadInputsRuleSet' },
];

/**
 * A web ACL before the API: AWS's managed groups and a limit for each address. It has metrics, and neither logs nor
 * samples of requests: both would have paths in them, and so links (T7).
 */
export class Firewall extends Construct {
  constructor(scope: Construct, id: string, { stage, requestsPerAddress }: FirewallProps) {
    super(scope, id);
    const seen = (metricName: string) => ({
      cloudWatchMetricsEnabled: true,
      sampledRequestsEnabled: false,
      metricName,
    });
    const managed = GROUPS.map(({ name, counting = [] }, index) => ({
      name,
      priority: index + 1,
      overrideAction: { none: {} },
      statement: {
        managedRuleGroupStatement: {
          vendorName: 'AWS',
          name,
          ruleActionOverrides: counting.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
        },
      },
      visibilityConfig: seen(name),
    }));
    const acl = new CfnWebACL(this, 'Acl', {
      description: 'Before the API: managed rules, and a limit for each address',
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      rules: [
        {
          name: 'RequestsOfOneAddress',
          priority: 0,
          action: { block: {} },
          statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: requestsPerAddress } },
          visibilityConfig: seen('RequestsOfOneAddress'),
        },
        ...managed,
      ],
      visibilityConfig: seen('HoldpointApi'),
    });
    new CfnWebACLAssociation(this, 'Association', { resourceArn: stage.stageArn, webAclArn: acl.attrArn });
  }
}
