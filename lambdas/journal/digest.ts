import { hash, randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Json } from '../json.ts';

/**
 * The one text of a JSON value (RFC 8785): what is hashed, stored, shown and sent.
 * @throws Error for what JSON cannot say: NaN, infinities, lone surrogates, cycles.
 */
export function canonical(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  return text;
}

/** SHA-256 in hex: digests, which people compare. */
export const sha256 = (text: string) => hash('sha256', text, 'hex');

/** SHA-256 in base64url: record hashes, which only programs read. */
export const fingerprint = (text: string) => hash('sha256', text, 'base64url');

/** 32 bytes that an id is made of. What a client asks for again with its key follows from `of`; without, they are random. */
export const idBytes = (of: Json | undefined): Buffer =>
  of === undefined ? randomBytes(32) : hash('sha256', canonical(of), 'buffer');

export interface Digested {
  readonly agent: string;
  readonly tool: string;
  readonly toolVersion: number;
  readonly args: Json;
  /** The resource version that a hold observed; part of the hold's digest alone. */
  readonly observed?: string;
}

/** What an approval is bound to: who would do what, with exactly which arguments, to which state of the world. */
export function digest({ agent, tool, toolVersion, args, observed }: Digested): string {
  return sha256(
    canonical({ agent, tool, version: toolVersion, args, ...(observed === undefined ? {} : { observed }) }),
  );
}
