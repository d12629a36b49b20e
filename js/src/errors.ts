// The one error that mutators and queries fail with, on the page, on the wire and in the log.
// Transport failures are never errors of this kind: they are states of the connection.

/** What went wrong, as a closed set; `app` is the app's own error and carries `appCode`. */
export type ErrorCode =
  | 'invalid_args'
  | 'unknown_mutator'
  | 'unknown_query'
  | 'not_found'
  | 'already_exists'
  | 'conflict'
  | 'forbidden'
  | 'app'
  | 'timeout'
  | 'limit'
  | 'internal'

/** The JSON form of an error: what the log stores and the wire carries. */
export interface ErrorDocument {
  readonly code: string
  readonly appCode?: string | undefined
  readonly message: string
  readonly details?: unknown
}

/**
 * Why a mutation or a query failed.
 *
 * Apps throw it from a mutator to refuse: `throw new MutationError('title-too-long', 'Title is too
 * long', {max: 100})` rejects `call.server` with code `app`, appCode `title-too-long` and these
 * details. `details` must be JSON.
 */
export class MutationError extends Error {
  override readonly name = 'MutationError'
  readonly code: ErrorCode
  readonly appCode: string | undefined
  readonly details: unknown

  /** `code` is for Tidemark's own errors; what an app throws has the code `app`. */
  constructor(appCode: string, message: string, details?: unknown, code: ErrorCode = 'app') {
    super(message)
    this.code = code
    this.appCode = appCode === '' ? undefined : appCode
    this.details = details
  }

  /** An error from its JSON form. */
  static from(document: ErrorDocument): MutationError {
    const {code, appCode = '', message, details} = document
    return new MutationError(appCode, message, details, code as ErrorCode)
  }

  toJSON(): ErrorDocument {
    return {
      code: this.code,
      ...(this.appCode === undefined ? {} : {appCode: this.appCode}),
      message: this.message,
      ...(this.details === undefined ? {} : {details: this.details}),
    }
  }
}

/** True for a MutationError of any copy of this package (two bundles on one page have two). */
export function isMutationError(error: unknown): error is MutationError {
  return (
    error instanceof MutationError ||
    (error instanceof Error && error.name === 'MutationError' && 'code' in error)
  )
}

/** An error about what an app passed to the builders, to `tx` or as arguments. */
export function invalidArgs(message: string, details?: unknown): MutationError {
  return new MutationError('', message, details, 'invalid_args')
}
