// An issuer of tokens: what any backend in Node can do (docs/auth.md).

import {createHmac} from 'node:crypto'

export const now = () => Math.floor(Date.now() / 1000)

/** @param {object} value */
const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * A JSON Web Token, HS256.
 * @param {string} secret
 * @param {{sub: string, exp?: number} & Record<string, unknown>} claims
 */
export function signToken(secret, claims) {
  const text = `${encode({alg: 'HS256', typ: 'JWT'})}.${encode(claims)}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}
