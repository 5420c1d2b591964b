import { type DomainName, EndpointType, type RestApi, SecurityPolicy } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';

export interface DomainProps {
  readonly domainName: string;
  /** Of a certificate for this name, in the region of the stack. */
  readonly certificateArn: string;
  /** Where the name's record is put. @default nowhere: whoever keeps the zone points the name at the API */
  readonly hostedZoneId?: string | undefined;
}

/** Serves an API at the root of a name of its own. */
export function addDomain(scope: Construct, api: RestApi, props: DomainProps): DomainName {
  const { domainName, certificateArn, hostedZoneId } = props;
  const domain = api.addDomainName('Domain', {
    domainName,
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', certificateArn),
    endpointType: EndpointType.REGIONAL,
    securityPolicy: SecurityPolicy.TLS_1_2,
  });
  if (hostedZoneId !== undefined)
    for (const type of ['A', 'AAAA'])
      new CfnRecordSet(scope, `Record ${type}`, {
        hostedZoneId,
        name: domainName,
        type,
        aliasTarget: {
          dnsName: domain.domainNameAliasDomainName,
          hostedZoneId: domain.domainNameAliasHostedZoneId,
        },
      });
  return domain;
}
