import type { Power } from '../lambdas/journal/keys.ts';
import type { Row } from '../lambdas/journal/row-kinds.ts';

export type RowAction = 'BatchGetItem' | 'GetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem';
export type WorkflowAction = 'StartExecution' | 'DescribeExecution' | 'SendTaskSuccess';

/** What a function's role may do. Every one may read the journal. */
export interface Powers {
  /** The one power whose records it may write, by put alone (T12). */
  readonly journal: Power;
  /** Whether it may write what stands for longer than a run: brakes and grants. */
  readonly standing?: true;
  /** By kind of row, what may be done with it. Rows of holds have callback tokens in them (T7). */
  readonly rows: { readonly [K in Row['kind']]?: readonly RowAction[] };
  /** Whether it may list these rows over the indices too. */
  readonly lists?: true;
  readonly workflow?: readonly WorkflowAction[];
  /** Whether it may read the keys that sign links. */
  readonly links?: true;
  /** Whether it is told who the approvers are. */
  readonly people?: true;
  /** Whether it rules on actions, which takes the policies. */
  readonly rules?: true;
}

/** Who may do what: nothing else is granted, but what a tool's own code needs. */
export const POWERS = {
  plan: {
    journal: 'proposals',
    rows: {
      run: ['BatchGetItem', 'UpdateItem'],
      brake: ['BatchGetItem'],
      counter: ['GetItem'],
      grant: ['Query'],
      budget: ['GetItem', 'PutItem'],
    },
    rules: true,
  },
  hold: {
    journal: 'oversight',
    rows: { hold: ['GetItem', 'UpdateItem', 'DeleteItem'], budget: ['GetItem'] },
    workflow: ['SendTaskSuccess'],
    links: true,
    people: true,
  },
  expire: { journal: 'oversight', rows: { hold: ['DeleteItem'] } },
  perform: {
    journal: 'effects',
    rows: { brake: ['BatchGetItem'], counter: ['GetItem', 'PutItem'] },
    people: true,
    rules: true,
  },
  api: {
    journal: 'oversight',
    standing: true,
    rows: {
      run: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      hold: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      brake: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      grant: ['GetItem', 'Query', 'PutItem', 'DeleteItem'],
      counter: ['GetItem'],
      approver: ['GetItem', 'Query', 'PutItem'],
    },
    lists: true,
    workflow: ['StartExecution', 'SendTaskSuccess'],
    links: true,
    people: true,
    rules: true,
  },
  reconcile: {
    journal: 'oversight',
    rows: {
      run: ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
      hold: ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
      brake: ['BatchGetItem'],
      budget: ['GetItem', 'PutItem'],
    },
    lists: true,
    workflow: ['StartExecution', 'DescribeExecution', 'SendTaskSuccess'],
    links: true,
    people: true,
  },
} as const satisfies Record<string, Powers>;
