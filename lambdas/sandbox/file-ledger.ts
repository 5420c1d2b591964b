import { appendFileSync, closeSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Attempt, Effect, Ledger, NewEffect } from './ledger.ts';

type Line = ({ readonly type: 'attempt' } & Attempt) | ({ readonly type: 'effect' } & Effect);

const NEWLINE = 0x0a;

/** A line of the file is none that was written here. */
export class DamagedLedger extends Error {
  override readonly name = 'DamagedLedger';
}

/**
 * A ledger in an append-only file of JSON lines. Each line is handed to the operating system before the call
 * returns, so it outlives a kill of the process.
 */
export const openFileLedger = (file: string): Ledger & { close(): void } => {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'a+', 0o600);
  const attempts: Attempt[] = [];
  const effects: Effect[] = [];
  const byKey = new Map<string, Effect>();
  let open = true;
  let size = 0;

  const remember = ({ type, ...entry }: Line): void => {
    if (type === 'attempt') {
      attempts.push(entry);
      return;
    }
    effects.push(entry as Effect);
    if (entry.kind !== 'wire' && entry.key !== null) byKey.set(entry.key, entry as Effect);
  };

  const write = (line: Line): void => {
    // The descriptor's number may belong to another file by now.
    if (!open) throw new Error('The ledger is closed');
    const text = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      appendFileSync(descriptor, text);
    } catch (error) {
      // A full disk takes a part of it.
      ftruncateSync(descriptor, size);
      throw error;
    }
    size += text.length;
    remember(line);
  };

  const always = ({ key, kind, args }: NewEffect): Effect => {
    const at = new Date().toISOString();
    const effect: Effect = { id: `${kind}-${effects.length + 1}`, key, kind, args, at };
    write({ type: 'effect', ...effect });
    return effect;
  };

  // A line without its newline was never answered for: it is cut off, or the next one would be glued to it.
  const written = readFileSync(file);
  const whole = written.subarray(0, written.lastIndexOf(NEWLINE) + 1);
  if (whole.length < written.length) ftruncateSync(descriptor, whole.length);
  size = whole.length;
  const lines = whole.toString('utf8').split('\n').slice(0, -1);
  for (const [index, text] of lines.entries()) remember(parse(text, `${file}:${index + 1}`));

  return {
    attempt: ({ key, kind }) => write({ type: 'attempt', key, kind, at: new Date().toISOString() }),
    once: (effect) => byKey.get(effect.key) ?? always(effect),
    always,
    read: () => ({ effects, attempts }),
    close: () => {
      if (open) closeSync(descriptor);
      open = false;
    },
  };
};

const parse = (text: string, where: string): Line => {
  try {
    const line = JSON.parse(text) as Line;
    if (line.type === 'attempt' || line.type === 'effect') return line;
  } catch {}
  throw new DamagedLedger(`The ledger is damaged at ${where}`);
};
