/** A request that the API refuses. The description is for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The member of the request that it is about. */
  readonly field: string | undefined;

  constructor(
    [status, code]: readonly [status: number, code: string],
    description: string,
    more: { readonly field?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(description);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.headers = more.headers ?? {};
    this.field = more.field;
  }

  /** The JSON that answers it. */
  get body(): object {
    const said = { error: this.code, error_description: this.message };
    return this.field === undefined ? said : { ...said, field: this.field };
  }
}
