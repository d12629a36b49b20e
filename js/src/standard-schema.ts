// The part of the Standard Schema interface (standardschema.dev, version 1) that Tidemark needs, so
// that any validator library works and none is a dependency.
import {invalidArgs} from './errors.js'

/** A validator of any library that implements Standard Schema: Zod, Valibot, ArkType, … */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | PromiseLike<unknown>
    readonly types?: {readonly input: Input; readonly output: Output} | undefined
  }
}

type StandardResult<Output> =
  | {readonly value: Output; readonly issues?: undefined}
  | {readonly issues: readonly StandardIssue[]}

interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | {readonly key: PropertyKey})[] | undefined
}

/** What a validator accepts. */
export type InputOf<V extends StandardSchema> = NonNullable<V['~standard']['types']>['input']
/** What a validator makes of it. */
export type OutputOf<V extends StandardSchema> = NonNullable<V['~standard']['types']>['output']

/** The validator's output for `value`; `invalid_args` with every issue in `details` otherwise. */
export function validate(validator: StandardSchema, what: string, value: unknown): unknown {
  const result = validator['~standard'].validate(value)
  if ('then' in result) {
    throw invalidArgs(`${what}: its validator is asynchronous; validators must be synchronous`)
  }
  if (result.issues === undefined) return result.value
  const issues = result.issues.map(issue => ({
    path: (issue.path ?? []).map(step => String(typeof step === 'object' ? step.key : step)),
    message: issue.message,
  }))
  const text = issues.map(issue => [...issue.path, issue.message].join(': ')).join('; ')
  throw invalidArgs(`${what}: ${text}`, issues)
}
