// Debian's Chromium through playwright-core. One profile is one browser: pages of a profile share
// storage, and a profile that is closed and opened again still has it.

import {chromium} from 'playwright-core'
import {temporaryFolder} from './cleanup.mjs'

const executablePath = process.env.TIDEMARK_CHROMIUM ?? '/usr/bin/chromium'
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Pages of a test are in the background as soon as the next one opens; their timers must not
  // slow down for that.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

/**
 * A browser whose contexts are independent users: `browser.newContext()`.
 * @returns {Promise<import('playwright-core').Browser>}
 */
export const launchBrowser = () => chromium.launch({executablePath, args, headless: true})

/**
 * A browser with a profile on disk, for what must survive a restart of the browser. It is closed with the test that
 * is named, also when that fails: a browser left open would keep the test's process alive.
 * @param {{profile?: string, test?: import('node:test').TestContext}
 *   & import('playwright-core').BrowserContextOptions} [options]
 * @returns {Promise<{context: import('playwright-core').BrowserContext, profile: string}>}
 */
export async function launchProfile({profile = temporaryFolder('profile'), test, ...rest} = {}) {
  const context = await chromium.launchPersistentContext(profile, {
    ...rest,
    executablePath,
    args,
    headless: true,
  })
  test?.after(async () => await context.close())
  return {context, profile}
}

/**
 * Crashes the page's renderer, as a lost tab.
 * @param {import('playwright-core').Page} page
 */
export async function crash(page) {
  const session = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  session.send('Page.crash').catch(() => undefined)
  await crashed
}

/**
 * Freezes or thaws a page, as a phone does with a tab in the background.
 * @param {import('playwright-core').Page} page
 * @param {'frozen' | 'active'} state
 */
export async function setLifecycle(page, state) {
  const session = await page.context().newCDPSession(page)
  await session.send('Page.setWebLifecycleState', {state})
  await session.detach()
}
