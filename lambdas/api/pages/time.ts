/** `2026-11-24 10:00 UTC` */
export const absolute = (iso: string): string =>
  `${new Date(iso).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** `2026-11-24 10:00:05 UTC`: to be looked for in somebody's log. */
export const toTheSecond = (iso: string): string =>
  `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `3 h 20 min`: the two largest units. */
export function span(milliseconds: number): string {
  let left = Math.max(0, Math.round(milliseconds / 1000));
  const parts = UNITS.map(([unit, seconds]) => {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    return { unit, count };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first < 0) return '0 s';
  const shown = parts.slice(first, first + 2).filter(({ count }) => count > 0);
  return shown.map(({ unit, count }) => `${count} ${unit}`).join(' ');
}

/** `in 3 h 20 min`, `5 min ago`, `just now` */
export function relative(iso: string, now: Date): string {
  const milliseconds = Date.parse(iso) - now.getTime();
  if (Math.abs(milliseconds) < 1000) return 'just now';
  return milliseconds > 0 ? `in ${span(milliseconds)}` : `${span(-milliseconds)} ago`;
}
