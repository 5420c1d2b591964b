import { Command, Option } from 'commander';
import { loadScenario, SCENARIO_NAMES } from '../lambdas/model/scenario-files.ts';
import { decidesItself, demoOf } from '../lib/local/demo/demos.ts';
import { type Played, playDemo } from '../lib/local/demo/play.ts';
import { type Line, timeLine } from '../lib/local/time-line.ts';

const program = new Command('npm run demo --')
  .description(
    'Plays one scenario unattended, on free ports and a temporary folder: real HTTP, real pages, a scripted model. Exits with 0 only if what it shows came true.',
  )
  .addOption(new Option('--scenario <name>', 'which one').choices(SCENARIO_NAMES).default('refund'))
  .addOption(
    new Option('--decide <how>', 'what the approvers do, where a scenario leaves it open (those without *)')
      .choices(['approve', 'reject'])
      .default('approve'),
  )
  .option('--json', 'print the finished run as one JSON document')
  .addHelpText('after', `\nScenarios:\n${SCENARIO_NAMES.map(helpOf).join('\n')}`)
  .parse();
const options = program.opts<{ scenario: string; decide: 'approve' | 'reject'; json?: true }>();
const scenario = loadScenario(options.scenario);
const demo = demoOf(scenario.name, options.decide);

const problems = await playDemo(scenario, demo, async (played) => {
  await (options.json ? printJson(played) : printTimeLine(played));
  return played.problems;
});
process.exitCode = problems.length > 0 ? 1 : 0;

async function printJson({ hands, runIds, problems }: Played): Promise<void> {
  const runs = await Promise.all(runIds.map(hands.ended));
  const { effects, attempts } = await hands.ledger();
  const whole = {
    scenario: scenario.name,
    decide: options.decide,
    ...runs[0],
    ...(runs.length > 1 ? { runs } : {}),
    ledger: { effects: effects.length, attempts: attempts.length },
    problems,
  };
  console.log(JSON.stringify(whole, null, 2));
}

async function printTimeLine({ stack, hands, runIds, problems }: Played): Promise<void> {
  const runs = await Promise.all(runIds.map(hands.ended));
  const { effects, attempts } = await hands.ledger();
  console.log(`${scenario.says}. The model is scripted; everything else is real.\n`);
  for (const line of timeLine(await linesOf(stack, runIds))) console.log(line);
  for (const { status, answer, reason } of runs)
    console.log(`\nThe run is ${status}: ${answer ?? reason ?? ''}`);
  console.log(`The downstream counted ${attempts.length} attempts and ${effects.length} effects.`);
  for (const problem of problems) console.error(`PROBLEM ${problem}`);
}

async function linesOf({ url, core }: Played['stack'], runIds: readonly string[]): Promise<Line[]> {
  const headers = { authorization: `Bearer ${core.people.tokens.otto}` };
  const audits = runIds.map(async (runId) => {
    const audit = await (await fetch(`${url}/runs/${runId}/audit`, { headers })).text();
    return audit
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  });
  return (await Promise.all(audits)).flat();
}

function helpOf(name: string): string {
  return `  ${(name + (decidesItself(name) ? ' *' : '')).padEnd(14)} ${loadScenario(name).says}`;
}
