import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { loadScenario, SCENARIO_NAMES } from '../lambdas/model/scenario-files.ts';
import type { Notice } from '../lambdas/notify/notify.ts';
import { onAlarm } from '../lambdas/observe/report.ts';
import { decidesItself, demoOf } from '../lib/local/demo/demos.ts';
import { createHands } from '../lib/local/demo/hands.ts';
import { startStack } from '../lib/local/stack.ts';
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

const data = mkdtempSync(join(tmpdir(), 'holdpoint-demo-'));
const notices: Notice[] = [];
const problems: string[] = [];
const stack = await startStack({
  data,
  port: 0,
  sandboxPort: 0,
  sandboxDelayMs: 0,
  notifier: { send: async (sent) => void notices.push(...sent) },
  report: onAlarm((words) => problems.push(words)),
  env: {},
  reconcileMs: 200,
  ...(demo.routes ? { routes: demo.routes } : {}),
});
const { agent, input } = scenario;
const body = { agent, input, model: `scripted:${scenario.name}` };
const hands = createHands({ stack, body, notices, problems });
try {
  const runIds = await demo.play(hands).catch((error) => {
    problems.push(error instanceof Error ? error.message : String(error));
    return [];
  });
  const runs = await Promise.all(runIds.map((runId) => hands.ended(runId)));
  const ledger = await hands.ledger();
  if (options.json) {
    const [run, ...more] = runs;
    const counts = { effects: ledger.effects.length, attempts: ledger.attempts.length };
    const also = more.length > 0 ? { runs } : {};
    const whole = {
      scenario: scenario.name,
      decide: options.decide,
      ...run,
      ...also,
      ledger: counts,
      problems,
    };
    console.log(JSON.stringify(whole, null, 2));
  } else {
    console.log(`${scenario.says}. The model is scripted; everything else is real.\n`);
    for (const line of timeLine(await linesOf(runIds))) console.log(line);
    for (const { status, answer, reason } of runs)
      console.log(`\nThe run is ${status}: ${answer ?? reason ?? ''}`);
    console.log(
      `The downstream counted ${ledger.attempts.length} attempts and ${ledger.effects.length} effects.`,
    );
    for (const problem of problems) console.error(`PROBLEM ${problem}`);
  }
} finally {
  await stack.stop();
  rmSync(data, { recursive: true, force: true });
}
process.exitCode = problems.length > 0 ? 1 : 0;

async function linesOf(runIds: readonly string[]): Promise<Line[]> {
  const audits = runIds.map(async (runId) => {
    const headers = { authorization: `Bearer ${stack.core.people.tokens.otto}` };
    const audit = await (await fetch(`${stack.url}/runs/${runId}/audit`, { headers })).text();
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
