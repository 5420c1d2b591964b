import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { ROWS_INDICES } from '../lambdas/journal/rows.ts';
import type { Lifetime } from './lifetime.ts';

export type TablesProps = Pick<Lifetime, 'removalPolicy' | 'deletionProtection' | 'key'>;

export interface StoreProps extends TablesProps {
  /** Whether what is written to the journal can be followed. */
  readonly stream: boolean;
}

/** The journal, which is the truth, and the rows beside it, which can be rebuilt from it. */
export class Store extends Construct {
  readonly journal: Table;
  readonly rows: Table;

  constructor(scope: Construct, id: string, props: StoreProps) {
    super(scope, id);
    this.journal = new Table(this, 'Journal', {
      ...tableProps(props),
      ...PLACE,
      ...(props.stream && { stream: StreamViewType.NEW_IMAGE }),
    });
    this.rows = new Table(this, 'Rows', { ...tableProps(props), ...PLACE });
    for (const { name, sort, type } of ROWS_INDICES) {
      this.rows.addGlobalSecondaryIndex({
        indexName: name,
        partitionKey: PLACE.partitionKey,
        sortKey: { name: sort, type: type === 'N' ? AttributeType.NUMBER : AttributeType.STRING },
        projectionType: ProjectionType.ALL,
      });
    }
  }
}

/** The customers that the sample's tools read. */
export class CustomersTable extends Table {
  constructor(scope: Construct, id: string, props: TablesProps) {
    super(scope, id, { ...tableProps(props), partitionKey: PLACE.partitionKey });
  }
}

/** What the sandbox was asked and what it did. */
export class LedgerTable extends Table {
  constructor(scope: Construct, id: string, props: TablesProps) {
    super(scope, id, { ...tableProps(props), ...PLACE });
  }
}

const PLACE = {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  sortKey: { name: 'sk', type: AttributeType.STRING },
};

const tableProps = ({
  removalPolicy,
  deletionProtection,
  key,
}: TablesProps): Omit<TableProps, 'partitionKey'> => ({
  billingMode: BillingMode.PAY_PER_REQUEST,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  encryption: key ? TableEncryption.CUSTOMER_MANAGED : TableEncryption.AWS_MANAGED,
  ...(key && { encryptionKey: key }),
  removalPolicy,
  deletionProtection,
});
