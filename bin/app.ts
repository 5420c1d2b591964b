import { App, CliCredentialsStackSynthesizer, type IStackSynthesizer, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readConfig } from '../lib/config.ts';
import { SampleStack } from '../lib/sample-stack.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const config = readConfig(app.node);
new SampleStack(app, 'HoldpointSample', {
  description: 'Holdpoint with its sample agent',
  config,
  // An emulator that enforces IAM does not get through the conditions of the roles that bootstrapping makes.
  // The CDK's own class does not fit its interface under exactOptionalPropertyTypes.
  ...(config.emulator ? { synthesizer: new CliCredentialsStackSynthesizer() as IStackSynthesizer } : {}),
});
