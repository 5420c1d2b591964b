import { type JsonSchema, JsonSchemaType, JsonSchemaVersion } from 'aws-cdk-lib/aws-apigateway';
import * as z from 'zod';

/** Of what zod says of a field, what API Gateway's JSON Schema (draft 4, in part) takes. */
const KEPT = ['type', 'enum', 'minLength', 'maxLength'];

/**
 * The outline of a body, for API Gateway to refuse what cannot fit before a function is called: which fields there are,
 * which are needed, of what type and length. It says less than the schema and nothing else, so what the schema takes
 * it takes too; the function checks the rest.
 */
export function requestModel(schema: z.ZodObject): JsonSchema {
  const outline = (field: z.core.$ZodType) => {
    const whole = z.toJSONSchema(field, { target: 'draft-4', io: 'input' });
    return Object.fromEntries(Object.entries(whole).filter(([key]) => KEPT.includes(key)));
  };
  const fields = Object.entries(schema.shape);
  return {
    schema: JsonSchemaVersion.DRAFT4,
    type: JsonSchemaType.OBJECT,
    properties: Object.fromEntries(fields.map(([name, field]) => [name, outline(field)])),
    required: fields.filter(([, field]) => !z.safeParse(field, undefined).success).map(([name]) => name),
    additionalProperties: false,
  };
}
