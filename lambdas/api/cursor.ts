import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { unfit } from './problem.ts';

/**
 * List cursors, sealed: the store's own cursor names the row where a page ended, which may be one that the caller
 * must not know of (T29), and one of the caller's own making must not reach the store.
 */
export interface Cursors {
  seal(cursor: string): string;
  /** @throws HttpProblem 422 for what is not a cursor of this list */
  open(sealed: string): string;
}

export function cursors(secret: Uint8Array, list: string): Cursors {
  const key = createHmac('sha256', secret).update(`cursor of ${list}`).digest();
  return {
    seal(cursor) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const text = Buffer.concat([cipher.update(cursor, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
    },
    open(sealed) {
      try {
        const bytes = Buffer.from(sealed, 'base64url');
        const options = { authTagLength: 16 };
        const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), options);
        cipher.setAuthTag(bytes.subarray(12, 28));
        return cipher.update(bytes.subarray(28), undefined, 'utf8') + cipher.final('utf8');
      } catch {
        throw unfit({ field: 'next', detail: 'not a cursor of this list' });
      }
    },
  };
}
