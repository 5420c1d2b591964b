import * as z from 'zod';

/** A field's schema without what only says that it may be left out. */
export interface Unwrapped {
  readonly schema: z.core.$ZodTypes;
  /** A parsed value may lack the field. */
  readonly optional: boolean;
  /** Marked `.meta({ freeText: true })`: prose for people. Every other string is an identifier. */
  readonly freeText: boolean;
}

export const unwrap = (field: z.core.$ZodType): Unwrapped => {
  const schema = field as z.core.$ZodTypes;
  const freeText = z.globalRegistry.get(schema)?.freeText === true;
  const { def } = schema._zod;
  switch (def.type) {
    case 'optional': {
      const inner = unwrap(def.innerType);
      return { ...inner, optional: true, freeText: freeText || inner.freeText };
    }
    default:
      return { schema, optional: false, freeText };
  }
};

/** Whether the string at this path is prose. A list marked as free text makes its items prose. */
export const isFreeText = (schema: z.core.$ZodType, path: readonly (string | number)[]): boolean => {
  let marked = false;
  let here = unwrap(schema);
  for (const step of path) {
    marked ||= here.freeText;
    const { def } = here.schema._zod;
    const next = def.type === 'array' ? def.element : def.type === 'object' ? def.shape[step] : undefined;
    if (next === undefined) return false;
    here = unwrap(next);
  }
  return marked || here.freeText;
};
