import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Config } from './config.ts';
import { PowerFunction, type Shared } from './function.ts';
import { grantModels } from './grants.ts';
import { TIME_LIMITS } from './time-limits.ts';
import { type AccessOf, environmentOf, grantAll, toolsOf } from './tool-access.ts';

export interface StepsProps {
  readonly access: AccessOf;
  readonly config: Config;
  readonly shared: Shared;
}

/** The functions that the state machine calls, and nobody else may. */
export class Steps extends Construct {
  readonly plan: PowerFunction;
  readonly hold: PowerFunction;
  readonly expire: PowerFunction;
  /** One for each tool. */
  readonly performing: readonly PowerFunction[];
  /** All of them, by what they are. */
  readonly functions: Readonly<Record<string, IFunction>>;

  constructor(scope: Construct, id: string, { access, config, shared }: StepsProps) {
    super(scope, id);
    const tools = toolsOf(shared.application.agents);

    const performing = tools.map((tool) => {
      const { effects, reads } = access[tool.name] ?? {};
      const perform = new PowerFunction(this, `Perform ${tool.name}`, {
        shared,
        handler: 'perform',
        timeoutSeconds: TIME_LIMITS.perform.function,
        description: `Performs ${tool.name}`,
        environment: { HOLDPOINT_TOOL: tool.name, ...environmentOf([effects, reads]) },
      });
      grantAll(perform, [effects, reads]);
      return [tool.name, perform] as const;
    });
    this.performing = performing.map(([, perform]) => perform);

    const gathers = tools.filter((tool) => tool.gather).map((tool) => access[tool.name]?.reads);
    const functionOf = performing.map(([name, perform]) => [name, perform.live.functionArn]);
    this.plan = new PowerFunction(this, 'Plan', {
      shared,
      handler: 'plan',
      timeoutSeconds: TIME_LIMITS.plan.function,
      description: 'Calls the model and rules on what it proposes',
      environment: {
        PERFORM_FUNCTIONS: Stack.of(this).toJsonString(Object.fromEntries(functionOf)),
        HOLDPOINT_MODELS: config.models.join(','),
        ...(config.modelBaseUrl && { HOLDPOINT_MODEL_BASE_URL: config.modelBaseUrl }),
        ...environmentOf(gathers),
      },
    });
    grantModels(this.plan, config.models);
    grantAll(this.plan, gathers);

    const observes = tools.filter((tool) => tool.observe).map((tool) => access[tool.name]?.reads);
    this.hold = new PowerFunction(this, 'Hold', {
      shared,
      handler: 'hold',
      timeoutSeconds: TIME_LIMITS.hold.function,
      description: 'Opens a hold, and leaves the run waiting on it',
      environment: environmentOf(observes),
    });
    grantAll(this.hold, observes);

    this.expire = new PowerFunction(this, 'Expire', {
      shared,
      handler: 'expire',
      timeoutSeconds: TIME_LIMITS.expire.function,
      description: 'Settles a hold whose time is up',
    });
    this.functions = {
      Plan: this.plan.function,
      Hold: this.hold.function,
      Expire: this.expire.function,
      ...Object.fromEntries(performing.map(([name, perform]) => [`Perform ${name}`, perform.function])),
    };
  }
}
