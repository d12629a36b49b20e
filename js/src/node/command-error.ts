// What a person did wrong or has to do: printed as it is, without a stack; the command exits with 2.
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
