/** Any JSON value. What the journal stores, what tools take and return, what models propose. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type JsonObject = { readonly [key: string]: Json };
