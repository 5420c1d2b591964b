/** A difference from what was recorded that somebody wanted: runs of that release go on by the new rule. */
export interface OnPurpose {
  /** `0.1.0/refund.jsonl`, or a folder such as `0.1.0/` for all of a release. */
  readonly file: string;
  /** The end of a record's sort key, such as `#result`; nothing of what the run as a whole came to. */
  readonly sk: string;
  /** The field, or one that it lies in. */
  readonly field: string;
  readonly why: string;
}

export const ON_PURPOSE: readonly OnPurpose[] = [];
