import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { LinkKeys } from '../../lambdas/oversight/links.ts';

const Members = z
  .array(
    z.strictObject({
      id: z.string().regex(/^[a-z0-9_-]{1,40}$/),
      name: z.string(),
      groups: z.array(z.string()),
    }),
  )
  // Of two with one id, whose groups would count?
  .refine((members) => new Set(members.map(({ id }) => id)).size === members.length, 'an id is there twice');
const Tokens = z.record(z.string(), z.string().min(20));

/** A file of the data folder that somebody has edited, and that cannot be used. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/** The sample's people: each may do what their groups may. */
export const PEOPLE: z.infer<typeof Members> = [
  { id: 'sam', name: 'Sam (support)', groups: ['support'] },
  { id: 'lena', name: 'Lena (support lead)', groups: ['support-leads'] },
  { id: 'frida', name: 'Frida (finance)', groups: ['finance'] },
  { id: 'felix', name: 'Felix (finance)', groups: ['finance'] },
  { id: 'otto', name: 'Otto (operations)', groups: ['operations'] },
  { id: 'dora', name: 'Dora (director)', groups: ['directors'] },
  { id: 'olivia', name: 'Olivia (owns the agent)', groups: ['support-leads', 'operations'] },
];

/**
 * The approver directory, everybody's token, and the keys that sign links: files of the data folder, made at the first
 * start and readable by their owner only. A member who is added to `people.json` gets a token at the next start.
 */
export function openPeople(folder: string) {
  const members = file(join(folder, 'people.json'), Members, () => PEOPLE);
  const path = join(folder, 'tokens.json');
  const known = file(path, Tokens, () => ({}));
  const tokens = Object.fromEntries(
    members.map(({ id }) => [id, known[id] ?? randomBytes(24).toString('base64url')]),
  );
  if (JSON.stringify(tokens) !== JSON.stringify(known)) write(path, tokens);
  const secret = file(join(folder, 'link-key.json'), z.string().min(64), () =>
    randomBytes(48).toString('base64url'),
  );
  const linkKeys: LinkKeys = [{ id: 'k1', secret: new TextEncoder().encode(secret) }];
  return { members, tokens, linkKeys };
}

function file<S extends z.ZodType>(path: string, schema: S, initial: () => z.infer<S>): z.infer<S> {
  if (!existsSync(path)) write(path, initial());
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UnreadableFile(`${path} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new UnreadableFile(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Whole or not at all, should the process end meanwhile. */
function write(path: string, value: unknown) {
  const part = `${path}.part`;
  writeFileSync(part, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(part, path);
}
