import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';
/** As Linux writes them: 127.0.0.1, ::1, and 127.0.0.1 in IPv6's form. */
const LOOPBACK = [/^[0-9A-F]{6}7F$/, /^0{24}01000000$/, /^0{16}FFFF0000[0-9A-F]{6}7F$/];

export interface Listener {
  readonly address: string;
  readonly loopback: boolean;
}

export interface Process {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly group: number;
  /** With the pid, which is used again, it is this process and no other. */
  readonly since: string;
  /** Whether only its parent's asking keeps it. */
  readonly ended: boolean;
}

/** All processes; Linux only, elsewhere none. */
export function processes(): readonly Process[] {
  return list('/proc').flatMap((pid) => {
    // The command's name, which may have spaces and parentheses in it, comes before all numbers.
    const [, name = '', rest] = /^\d+ \((.*)\) (.*)$/s.exec(read(`/proc/${pid}/stat`)) ?? [];
    if (rest === undefined) return [];
    const fields = rest.split(' ');
    const [state, parent, group] = fields;
    return [
      {
        pid: Number(pid),
        name,
        parent: Number(parent),
        group: Number(group),
        since: fields[19] ?? '',
        ended: state === 'Z' || state === 'X',
      },
    ];
  });
}

/** Whether a process was started with this variable, written `NAME=value`. */
export const hasInEnvironment = (pid: number, variable: string): boolean =>
  read(`/proc/${pid}/environ`).split('\0').includes(variable);

/** Where the processes of a group accept connections. */
export const listenersOfGroup = (group: number): readonly Listener[] =>
  listenersOf(processes().flatMap((one) => (one.group === group ? [one.pid] : [])));

/** Where these processes accept connections. */
export function listenersOf(pids: readonly number[]): readonly Listener[] {
  const sockets = new Set(pids.flatMap(socketsOf));
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

const socketsOf = (pid: number): string[] =>
  list(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });

/** Processes end while they are looked at. */
function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
