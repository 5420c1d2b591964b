import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasInEnvironment, listenersOf, processes } from './listening.ts';

/**
 * Runs a command and watches all that it starts, on Linux: fails where anything of it has listened beyond loopback, or
 * still runs when the command has ended. `node test/support/guard.ts COMMAND …`
 */
const [command = '', ...args] = process.argv.slice(2);
const EVERY_MS = 250;
const GRACE_MS = 5_000;

/** What is started inherits it, unless it is given an environment of its own; then its parent tells. */
const MARK = `HOLDPOINT_GUARD=${process.pid}-${Date.now()}`;
const [name = '', value] = MARK.split('=');

const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, [name]: value } });
const started = new Map<number, string>();
const listened = new Map<string, boolean>();

/** Whoever is known is known from then on, whatever becomes of its parent. */
function look(): void {
  const now = processes();
  for (let found = true; found; ) {
    found = false;
    for (const { pid, parent, since } of now) {
      if (started.get(pid) === since || pid === process.pid) continue;
      if (!started.has(parent) && !hasInEnvironment(pid, MARK)) continue;
      started.set(pid, since);
      found = true;
    }
  }
  const own = now.filter(({ pid, since }) => started.get(pid) === since);
  for (const { address, loopback } of listenersOf(own.map(({ pid }) => pid))) listened.set(address, loopback);
}

const running = () => processes().filter(({ pid, since, ended }) => started.get(pid) === since && !ended);

const timer = setInterval(look, EVERY_MS);
const code = await new Promise<number>((resolve) => {
  child.once('error', () => resolve(127));
  child.once('exit', (status) => resolve(status ?? 1));
});
clearInterval(timer);
look();
for (const end = Date.now() + GRACE_MS; running().length > 0 && Date.now() < end; await sleep(100));

const say = (as: 'ok  ' | 'FAIL', what: string) => {
  console.log(`${as}  ${what}`);
  if (as === 'FAIL') process.exitCode = 1;
};
process.exitCode = code;
if (process.platform === 'linux') {
  const beyond = [...listened].filter(([, loopback]) => !loopback).map(([address]) => address);
  if (beyond.length > 0) say('FAIL', `listened beyond loopback: ${beyond.join(', ')}`);
  else say('ok  ', `${listened.size} sockets listened, all on loopback`);
  const left = running();
  if (left.length > 0)
    say('FAIL', `left running: ${left.map(({ pid, name }) => `${name} (${pid})`).join(', ')}`);
  else say('ok  ', `nothing is left running of ${started.size} processes`);
}
