import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';
/** As Linux writes them: 127.0.0.1, ::1, and 127.0.0.1 in IPv6's form. */
const LOOPBACK = [/^[0-9A-F]{6}7F$/, /^0{24}01000000$/, /^0{16}FFFF0000[0-9A-F]{6}7F$/];

export interface Listener {
  readonly address: string;
  readonly loopback: boolean;
}

/** Where the processes of a group accept connections; Linux only. */
export function listenersOf(group: number): readonly Listener[] {
  const members = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && groupOf(pid) === group);
  const sockets = new Set(members.flatMap(socketsOf));
  return ['tcp', 'tcp6'].flatMap((table) => {
    const lines = read(`/proc/self/net/${table}`).trim().split('\n').slice(1);
    return lines.flatMap((line) => {
      const [, address = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state !== LISTEN || !sockets.has(inode)) return [];
      const host = address.split(':')[0] ?? '';
      return { address, loopback: LOOPBACK.some((pattern) => pattern.test(host)) };
    });
  });
}

/** The command's name, which may have spaces and parentheses in it, comes before. */
const groupOf = (pid: string): number =>
  Number(
    read(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')[2],
  );

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** Processes end while they are looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
