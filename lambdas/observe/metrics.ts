/** Where all of our metrics are; their one dimension is `service`, the deployment. */
export const NAMESPACE = 'Holdpoint';

/** Everything that is counted or measured: what it says, and in which unit. Nothing else can be reported. */
export const METRICS = {
  RunsStarted: { unit: 'Count', says: 'runs that were started' },
  RunsFinished: { unit: 'Count', says: 'runs that ended with an answer' },
  RunsFailed: { unit: 'Count', says: 'runs that ended at a limit or with an error' },
  RunsCancelled: { unit: 'Count', says: 'runs that a person stopped' },
  RunsGivenUp: {
    unit: 'Count',
    says: 'runs whose executions died three times in a row, of those that failed',
  },
  RunsRestarted: { unit: 'Count', says: 'executions that died, and were followed by another' },
  ActionsAllowed: { unit: 'Count', says: 'proposed actions that the policy allowed without a person' },
  ActionsHeld: { unit: 'Count', says: 'proposed actions that wait for people' },
  ActionsDenied: { unit: 'Count', says: 'proposed actions that the policy denied' },
  ActionsSucceeded: { unit: 'Count', says: 'actions that were performed, reads included' },
  ActionsFailed: { unit: 'Count', says: 'actions that the downstream refused' },
  ActionsNotPerformed: { unit: 'Count', says: 'actions that were not performed, for whatever reason' },
  ActionsLeftInDoubt: { unit: 'Count', says: 'actions of which nobody could say whether they had happened' },
  InDoubt: { unit: 'Count', says: 'tries whose effect is unknown, and that people are asked about' },
  HoldsOpened: { unit: 'Count', says: 'holds that were opened, passed on ones included' },
  HoldsExpired: { unit: 'Count', says: 'holds whose time was up before anyone had decided' },
  DecisionLatency: { unit: 'Seconds', says: 'from the opening of a hold to the decision of people' },
  OpenHolds: { unit: 'Count', says: 'holds in the inbox, each minute' },
  OpenDoubts: { unit: 'Count', says: 'those of them that ask whether something has happened' },
  OldestHold: { unit: 'Seconds', says: 'how long the oldest of them has been open' },
  DuplicatesSuppressed: {
    unit: 'Count',
    says: 'writes and effects that had been done already, and were not done again',
  },
  PolicyErrors: { unit: 'Count', says: 'rulings that failed, and so denied' },
  Suspicious: {
    unit: 'Count',
    says: 'arguments that nobody approved, or approvals that nobody can have thought about',
  },
  ReconcilerRuns: { unit: 'Count', says: 'rounds of the reconciler that came to their end' },
  ReconcilerLag: { unit: 'Seconds', says: 'how long what is due longest had been due when the round began' },
  ReconcilerDue: { unit: 'Count', says: 'runs and holds that a round looked after' },
  Errors: {
    unit: 'Count',
    says: 'steps, requests and rows of the reconciler that failed, and not only for now',
  },
} as const;

export type Metric = keyof typeof METRICS;
export type Counts = { readonly [M in Metric]?: number };
