import type { EngineEvent } from '../../lib/local/executions.ts';

/** How many events AWS writes to an execution's history for one of the embedded engine's. */
export function eventsOf(event: EngineEvent, callbacks: readonly string[] = ['Hold', 'Hold one']): number {
  if (!('state' in event)) return 1;
  const { name, type } = event.state;
  switch (event.type) {
    case 'StateEntered':
      // Scheduled, started, ended, and for a callback that its task was submitted. Of a Map: that it started and ended.
      if (type === 'Task') return callbacks.includes(name) ? 5 : 4;
      return type === 'Map' ? 3 : 1;
    case 'StateRetried':
      return callbacks.includes(name) ? 4 : 3;
    case 'StateExited':
      return 1;
    default:
      // Failed and caught: what AWS tells as the task's end, or as nothing.
      return 0;
  }
}

/** Counts every execution's history as AWS would. */
export function historyCounter() {
  const counts = new Map<string, number>();
  return {
    counts: counts as ReadonlyMap<string, number>,
    count: (execution: string, event: EngineEvent): void =>
      void counts.set(execution, (counts.get(execution) ?? 0) + eventsOf(event)),
  };
}
