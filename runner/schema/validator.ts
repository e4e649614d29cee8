/** What the generated validators are: a guard that leaves its errors behind. */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: readonly SchemaError[] | null;
}

/** One error as ajv reports it. */
export interface SchemaError {
  /** JSON pointer of the value. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  /** Set inside `propertyNames`: the name that is wrong. */
  readonly propertyName?: string;
  /** The schema that holds the keyword; manifests only. */
  readonly parentSchema?: Readonly<Record<string, unknown>>;
  /** The value; manifests only. */
  readonly data?: unknown;
}
