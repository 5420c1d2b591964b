/** The value below which this share of the sorted samples lies (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? Number.NaN;
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

export const p50p99 = (samples: readonly number[]) => ({
  p50: round(percentile(samples, 0.5)),
  p99: round(percentile(samples, 0.99)),
});
