/** What was done about a row, as it is counted. */
export type Deed = 'settled' | 'expired' | 'delivered' | 'toldLate' | 'reminded' | 'started' | 'givenUp';
